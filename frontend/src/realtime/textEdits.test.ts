import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Chance } from "../testing/chance";
import { ModelClient } from "../testing/modelClient";
import { ModelServer } from "../testing/modelServer";
import { type Act, play, RELOADS, settle, TRAFFIC, TROUBLE, USUAL } from "../testing/tabsAtWork";

const CHANNEL = "chat:1";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

async function playWith(seed: number, acts: Act[]) {
  const server = new ModelServer(CHANNEL, { 1: "The first text.\nIt has lines.\n", 2: "" });
  return { server, clients: await play({ server, seed, acts, steps: 250, pass }) };
}

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

describe("P5: when typing stops everyone has the same text", () => {
  it.each(SEEDS)("three tabs type in two texts (seed %i)", async (seed) => {
    const { clients, server } = await playWith(seed, USUAL);
    for (const client of clients) {
      expect(client.isSaved).toBe(true);
      for (const [subject, text] of server.texts) expect(client.shown.get(subject)).toBe(text);
    }
  });

  it.each(SEEDS)("… while connections drop and frames are sent again (seed %i)", async (seed) => {
    const { clients, server } = await playWith(seed, [...USUAL, ...TROUBLE]);
    for (const client of clients) {
      expect(client.kept).toBe(0);
      for (const [subject, text] of server.texts) expect(client.shown.get(subject)).toBe(text);
    }
  });
});

describe("P2: nothing typed is lost", () => {
  it.each(SEEDS)("each word arrives once, through drops and reloads (seed %i)", async (seed) => {
    const chance = new Chance(seed);
    const server = new ModelServer(CHANNEL, { 1: "" });
    const clients = ["ann", "ben", "cyd"].map((name) => new ModelClient(name, server, chance));
    const words: string[] = [];
    for (let step = 0; step < 250; step++) {
      const client = chance.pick(clients);
      if (chance.below(3) === 0) {
        const word = `<${client.name}${step}>`;
        words.push(word);
        client.typeWord(1, word);
        await vi.advanceTimersByTimeAsync(30); // long enough for the device
      } else chance.pick([...TRAFFIC, ...RELOADS])(client, server);
    }
    await settle(clients, server, pass);
    const text = server.text(1);
    for (const word of words) expect(count(text, word)).toBe(1);
    for (const client of clients) expect(client.kept).toBe(0);
  });

  it.each(SEEDS)("another open tab takes over what a closed one left (seed %i)", async (seed) => {
    const chance = new Chance(seed);
    const server = new ModelServer(CHANNEL, { 1: "" });
    const tabs = ["ann", "ben", "cyd"].map((name) => new ModelClient(name, server, chance));
    const words: string[] = [];
    for (let step = 0; step < 150; step++) {
      const [tab, other] = [chance.pick(tabs), chance.pick(tabs)];
      const word = `<${tab.name}${step}>`;
      if (chance.below(3) === 0 && words.push(word)) tab.typeWord(1, word);
      else if (chance.below(10) === 0 && tab !== other) handOver(tab, other);
      else chance.pick([...TRAFFIC, ...TROUBLE])(tab, server);
      await vi.advanceTimersByTimeAsync(30);
    }
    await settle(tabs, server, pass);
    for (const word of words) expect(count(server.text(1), word)).toBe(1);
    for (const tab of tabs) expect(tab.shown.get(1)).toBe(server.text(1));
  });

  it.each(SEEDS.slice(0, 30))(
    "pruned log: goes on from snapshots, and all end up equal (seed %i)",
    async (seed) => {
      const chance = new Chance(seed);
      const server = new ModelServer(CHANNEL, { 1: "Some text.\nMore text.\n" });
      const clients = ["ann", "ben"].map((name) => new ModelClient(name, server, chance));
      for (let step = 0; step < 200; step++) {
        const client = chance.pick(clients);
        chance.pick([...USUAL, () => prune(client)])(client, server);
        if (chance.below(3) === 0) await vi.advanceTimersByTimeAsync(10);
      }
      await settle(clients, server, pass);
      for (const client of clients) expect(client.shown.get(1)).toBe(server.text(1));
    },
  );
});

function prune(client: ModelClient) {
  client.drop();
  client.comeBack();
  client.takeSnapshot();
}

function handOver(from: ModelClient, to: ModelClient) {
  from.drop();
  to.adoptFrom(from);
  from.reload();
}

const count = (text: string, part: string) => text.split(part).length - 1;

describe("a device that fills up", () => {
  it("holds no older form of what was sent by another name", async () => {
    const server = new ModelServer(CHANNEL, { 1: "" });
    const client = new ModelClient("ann", server, new Chance(1));
    client.typeWord(1, "first ");
    await vi.advanceTimersByTimeAsync(50);
    client.typeWord(1, "second ");
    await vi.advanceTimersByTimeAsync(50);
    expect(client.kept).toBe(1); // "first" in flight, "second" behind it
    client.isDeviceFull = true;
    client.deliverOne();
    client.receiveEntry();
    await vi.advanceTimersByTimeAsync(50);
    client.deliverOne();
    expect(server.text(1)).toBe("first second ");
    client.isDeviceFull = false;
    client.reload(); // before the answer: the next tab has what is on the device
    await settle([client], server, pass);
    expect(server.text(1)).toBe("first second ");
  });
});
