// Where there are no Web Locks, as on plain http in a local network: each tab writes down that it lives.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeviceDatabase } from "./deviceDatabase";
import { IndexedOutbox } from "./indexedOutbox";
import { Outbox, type OwnRecord } from "./outbox";
import type { OutboxRecord } from "./outboxStore";
import { openTabs, type Tabs } from "./tabs";

const DEAD_AFTER_MS = 90_000;
let counter = 0;
let nowMs = 0;
let database: DeviceDatabase;
const opened: Tabs[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  localStorage.clear();
  nowMs = 1_000_000;
  database = new DeviceDatabase(`tabs-${counter++}`);
});
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
  vi.useRealTimers();
  return database.close();
});

function open(): Tabs {
  const tabs = openTabs(() => nowMs);
  opened.push(tabs);
  return tabs;
}

/** Time goes by in all tabs that are awake; the others' timers stand still. */
function pass(ms: number): void {
  for (let at = 0; at < ms; at += 2_000) {
    nowMs += 2_000;
    vi.advanceTimersByTime(2_000);
  }
}

/** Its process has ended: it neither beats nor says goodbye. */
function crash(tabs: Tabs): void {
  const beat = localStorage.getItem(`chatsynth:tab:${tabs.id}`);
  tabs.close();
  localStorage.setItem(`chatsynth:tab:${tabs.id}`, String(beat));
}

describe("a tab without Web Locks", () => {
  it("is there as long as it beats", () => {
    const [here, other] = [open(), open()];
    const gone = vi.fn();
    here.whenGone(other.id, gone);
    pass(10 * DEAD_AFTER_MS);
    expect(gone).not.toHaveBeenCalled();
  });

  it("is gone, once, when it has not beaten for long", () => {
    const [here, other] = [open(), open()];
    const gone = vi.fn();
    here.whenGone(other.id, gone);
    crash(other);
    pass(DEAD_AFTER_MS - 2_000);
    expect(gone).not.toHaveBeenCalled();
    pass(6_000);
    expect(gone).toHaveBeenCalledOnce();
    pass(DEAD_AFTER_MS);
    expect(gone).toHaveBeenCalledOnce();
  });

  it("is gone when it is closed, also for one that asks later", () => {
    const [here, other] = [open(), open()];
    other.close();
    const gone = vi.fn();
    here.whenGone(other.id, gone);
    expect(gone).toHaveBeenCalledOnce();
  });

  it("works where nothing may be written down", () => {
    const forbidden = () => {
      throw new DOMException("no", "SecurityError");
    };
    const spies = (["getItem", "setItem", "removeItem"] as const).map((name) =>
      vi.spyOn(Storage.prototype, name).mockImplementation(forbidden),
    );
    const here = open();
    const gone = vi.fn();
    here.whenGone("another", gone);
    expect(gone).toHaveBeenCalledOnce();
    here.close();
    for (const each of spies) each.mockRestore();
  });
});

const command = (op: string): OwnRecord => {
  return { kind: "command", key: `command:${op}`, op, lane: "1", seq: 1, madeAt: 1, command: { type: "x" } };
};

function openOutbox(tabs: Tabs) {
  const adopted: OutboxRecord[] = [];
  const takenOver = vi.fn();
  const outbox = new Outbox(new IndexedOutbox(database), 1, tabs, {
    adopted: (records) => adopted.push(...records),
    durability: () => {},
    takenOver,
    keptChanged: () => {},
  });
  return { outbox, adopted, takenOver };
}

describe("a tab that slept and was taken for gone", () => {
  it("finds that out when it writes, and goes on as another", async () => {
    const [sleeper, other] = [open(), open()];
    const [first, second] = [openOutbox(sleeper), openOutbox(other)];
    await first.outbox.put(command("op1"));
    const nameBefore = sleeper.id;
    crash(sleeper);
    await second.outbox.start();
    pass(DEAD_AFTER_MS + 6_000);
    await vi.waitFor(() => expect(second.adopted).toMatchObject([{ op: "op1", tabId: other.id }]));

    await first.outbox.put(command("op2"));
    expect(first.takenOver).toHaveBeenCalledOnce();
    expect(sleeper.id).not.toBe(nameBefore);
    await vi.waitFor(() => expect(first.outbox.isKept("command:op2")).toBe(true));
    const kept = await database.use((open) => open.getAllFromIndex("outbox", "userId", 1));
    expect(kept.map(({ key, tabId }) => [key, tabId])).toEqual([
      ["command:op1", other.id],
      ["command:op2", sleeper.id],
    ]);
    await first.outbox.put(command("op3"));
    expect(first.takenOver).toHaveBeenCalledOnce();
  });
});
