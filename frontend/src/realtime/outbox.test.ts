import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeviceDatabase } from "./deviceDatabase";
import { IndexedOutbox } from "./indexedOutbox";
import { Outbox, type OwnRecord } from "./outbox";
import type { OutboxRecord, OutboxStore } from "./outboxStore";
import { deviceSnapshots } from "./snapshots";
import type { Tabs } from "./tabs";

/** Tabs of one browser, which live until they are closed. */
class Browser {
  private readonly alive = new Set<string>();
  private readonly waiting: { tabId: string; then: () => void }[] = [];

  open(id: string): Tabs {
    this.alive.add(id);
    return {
      id,
      take: () => {},
      isTaken: () => false,
      renew: () => {},
      whenGone: (tabId, then) => {
        if (this.alive.has(tabId)) this.waiting.push({ tabId, then });
        else then();
      },
      close: () => {
        this.alive.delete(id);
        for (const each of this.waiting) if (each.tabId === id) each.then();
      },
    };
  }
}

let database: DeviceDatabase;
let browser: Browser;
let counter = 0;
const opened: Outbox[] = [];

beforeEach(() => {
  database = new DeviceDatabase(`test-${counter++}`);
  browser = new Browser();
});
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
  vi.useRealTimers();
  return database.close();
});

function openTab(id: string, userId = 1, store: OutboxStore = new IndexedOutbox(database)) {
  const adopted: OutboxRecord[] = [];
  const durability: string[] = [];
  const outbox = new Outbox(store, userId, browser.open(id), {
    adopted: (records) => adopted.push(...records),
    durability: (each) => durability.push(each),
    takenOver: () => {},
    keptChanged: () => {},
  });
  opened.push(outbox);
  return { outbox, adopted, durability };
}

const count = (name: "outbox" | "snapshots") => database.use((open) => open.count(name));

function command(op: string): OwnRecord {
  return { kind: "command", key: `command:${op}`, op, lane: "1", seq: 1, madeAt: 1, command: { type: "x" } };
}

describe("records of a closed tab", () => {
  it("go to the next tab that starts", async () => {
    const first = openTab("one");
    await first.outbox.put(command("op1"));
    first.outbox.close();
    const second = openTab("two");
    await second.outbox.start();
    await vi.waitFor(() => expect(second.adopted).toMatchObject([{ op: "op1", tabId: "two" }]));
  });

  it("go to a tab that is open already, when the other one closes", async () => {
    const [first, second] = [openTab("one"), openTab("two")];
    await first.outbox.put(command("op1"));
    await second.outbox.start();
    expect(second.adopted).toEqual([]);
    first.outbox.close();
    await vi.waitFor(() => expect(second.adopted).toHaveLength(1));
  });

  it("go to one tab only", async () => {
    const first = openTab("one");
    await first.outbox.put(command("op1"));
    first.outbox.close();
    const others = [openTab("two"), openTab("three"), openTab("four")];
    await Promise.all(others.map((each) => each.outbox.start()));
    await vi.waitFor(() => expect(others.flatMap((each) => each.adopted)).toHaveLength(1));
  });

  it("stay for the person who wrote them", async () => {
    const first = openTab("one", 1);
    await first.outbox.put(command("op1"));
    first.outbox.close();
    const other = openTab("two", 2);
    await other.outbox.start();
    const own = openTab("three", 1);
    await own.outbox.start();
    await vi.waitFor(() => expect(own.adopted).toHaveLength(1));
    expect(other.adopted).toEqual([]);
  });
});

describe("writing", () => {
  it("waits for the disk each time", async () => {
    const begun = vi.spyOn(IDBDatabase.prototype, "transaction");
    const { outbox } = openTab("one");
    await outbox.put(command("op1"));
    await outbox.remove("command:op1");
    await new IndexedOutbox(database).adopt(1, "one", "two");
    const written = begun.mock.calls.filter(([, mode]) => mode === "readwrite");
    expect(written).toHaveLength(3);
    for (const [, , options] of written) expect(options).toEqual({ durability: "strict" });
  });

  it("keeps the order of calls for one record", async () => {
    const { outbox } = openTab("one");
    const last = [outbox.put(command("op1")), outbox.remove("command:op1"), outbox.put(command("op1"))];
    void outbox.remove("command:op1");
    await Promise.all(last);
    await vi.waitFor(async () => expect(await count("outbox")).toBe(0));
  });
});

describe("a device that fails", () => {
  /** The real store, which a test can fill up. */
  class FullDisk extends IndexedOutbox {
    isFull = true;
    override put(record: OutboxRecord): Promise<void> {
      return this.isFull ? Promise.reject(new DOMException("full", "QuotaExceededError")) : super.put(record);
    }
  }
  const LOOK_MS = 5_000;

  /** Only intervals wait for the test: the database runs by itself. */
  const stopClock = () => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });

  it("is told, and nothing is called kept that is not", async () => {
    const { outbox, durability } = openTab("one", 1, new FullDisk(database));
    expect(await outbox.put(command("op1"))).toBe("memory");
    expect(durability).toEqual(["memory"]);
    expect(outbox.isKept("command:op1")).toBe(false);
  });

  it("is given everything again as soon as it works", async () => {
    stopClock();
    const disk = new FullDisk(database);
    const { outbox, durability } = openTab("one", 1, disk);
    await outbox.start();
    await outbox.put(command("op1"));
    await outbox.put(command("op2"));
    await outbox.remove("command:op2");
    vi.advanceTimersByTime(LOOK_MS);
    disk.isFull = false;
    vi.advanceTimersByTime(LOOK_MS);
    await vi.waitFor(() => expect(durability).toEqual(["memory", "device"]));
    expect(outbox.isKept("command:op1")).toBe(true);
    expect(await database.use((open) => open.getAllKeys("outbox"))).toEqual(["command:op1"]);
  });

  it("is tried with as much as it refused, when nothing waits any more", async () => {
    stopClock();
    const disk = new FullDisk(database);
    const { outbox, durability } = openTab("one", 1, disk);
    await outbox.start();
    await outbox.put(command("op1"));
    await outbox.remove("command:op1");
    const tried = vi.spyOn(disk, "put");
    vi.advanceTimersByTime(LOOK_MS);
    await vi.waitFor(() => expect(tried).toHaveBeenCalledOnce());
    expect(durability).toEqual(["memory"]);
    disk.isFull = false;
    vi.advanceTimersByTime(LOOK_MS);
    await vi.waitFor(() => expect(durability).toEqual(["memory", "device"]));
    expect(await count("outbox")).toBe(0);
  });

  it("does not hold up what is to be sent", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const open = vi.spyOn(indexedDB, "open").mockImplementation(() => new EventTarget() as IDBOpenDBRequest);
    const { outbox } = openTab("one");
    const first = outbox.put(command("op1"));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await first).toBe("memory");
    expect(await outbox.put(command("op2"))).toBe("memory");
    open.mockRestore();
  });

  it("that has lost its database is given everything anew", async () => {
    const { outbox } = openTab("one");
    await outbox.put(command("op1"));
    const gone = indexedDB.deleteDatabase(`test-${counter - 1}`);
    await new Promise((done) => {
      gone.onsuccess = done;
    });
    await vi.waitFor(async () => expect(await count("outbox")).toBe(1));
    await vi.waitFor(() => expect(outbox.isKept("command:op1")).toBe(true));
  });

  it("does not leave an older form for another tab", async () => {
    const disk = new FullDisk(database);
    disk.isFull = false;
    const { outbox } = openTab("one", 1, disk);
    await outbox.put(command("op1"));
    await outbox.forgetOlder("command:op1");
    expect(await count("outbox")).toBe(1); // it is the newest
    disk.isFull = true;
    await outbox.put(command("op1"));
    await outbox.forgetOlder("command:op1");
    expect(await count("outbox")).toBe(0);
  });
});

describe("snapshots", () => {
  it("are one person's, and the newest thirty", async () => {
    let nowMs = 0;
    const [anna, ben] = [1, 2].map((id) => deviceSnapshots(database, id, () => nowMs++));
    for (let index = 0; index < 32; index++) await anna?.keep(`chat:${index}`, { index });
    expect(await ben?.read("chat:31")).toBeUndefined();
    expect(await anna?.read("chat:31")).toEqual({ index: 31 });
    expect(await anna?.read("chat:0")).toBeUndefined();
    await anna?.remove("chat:31");
    expect(await anna?.read("chat:31")).toBeUndefined();
    await anna?.forget();
    expect(await count("snapshots")).toBe(0);
  });
});
