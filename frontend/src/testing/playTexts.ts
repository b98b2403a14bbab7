/** Tabs with the page's own text sync against the real server; run by tests/wire/test_text_sync.py, with a seed. */
import { mock } from "node:test";
import { Chance } from "./chance";
import { ModelClient } from "./modelClient";
import { RealServer } from "./realServer";

const STEPS = 250;
const MOST_ROUNDS = 2_000;

type Act = (client: ModelClient, server: RealServer) => void;

const ACTS: Act[] = [
  (client) => client.typeSomewhere(),
  (client) => client.typeSomewhere(),
  (client) => client.receiveEntry(),
  (client) => client.receiveEntry(),
  (client) => client.deliverOne(),
  (client) => client.deliverOne(),
  (client) => client.receiveAck(),
  (_client, server) => server.other(),
  (client) => client.drop(),
  (client) => client.comeBack(),
  (client) => client.reload(),
];

/** Time goes on, and everything that waited for it has happened. */
async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms);
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function settle(clients: ModelClient[], server: RealServer): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await pass(50);
    for (const client of clients) {
      client.comeBack();
      client.deliverOne();
      client.receiveAck();
      for (let entry = 0; entry < 5; entry++) client.receiveEntry();
    }
    if (clients.every((each) => each.isSaved && each.offset === server.head && each.kept === 0)) return;
  }
  throw new Error("The tabs never came to rest.");
}

async function play(seed: number): Promise<void> {
  const chance = new Chance(seed);
  const server = new RealServer();
  const mostBytes = seed % 2 === 0 ? 100 : undefined;
  const clients = ["ann", "ben", "cyd"].map((name) => new ModelClient(name, server, chance, mostBytes));
  for (let step = 0; step < STEPS; step++) {
    chance.pick(ACTS)(chance.pick(clients), server);
    if (chance.below(3) === 0) await pass(10);
  }
  await settle(clients, server);
  server.tell(Object.fromEntries(clients.map((each) => [each.name, [...each.shown]])));
}

mock.timers.enable({ apis: ["setTimeout"] });
await play(Number(process.argv[2]));
