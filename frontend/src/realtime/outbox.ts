/** This tab's part of what is kept on the device: keeps in order, falls back to memory, adopts what dead tabs left. */
import { MemoryOutbox, type OutboxRecord, type OutboxStore } from "./outboxStore";
import type { Tabs } from "./tabs";

const LOOK_EVERY_MS = 5_000;

// A record without the fields that this tab adds; distributes over the union.
type Own<R> = R extends OutboxRecord ? Omit<R, "userId" | "tabId"> : never;
export type OwnRecord = Own<OutboxRecord>;

export interface OutboxHandlers {
  /** Records that another tab left behind are this tab's now. */
  adopted(records: OutboxRecord[]): void;
  durability(durability: "device" | "memory"): void;
}

export class Outbox {
  private readonly watched = new Set<string>();
  private readonly latest = new Map<string, Promise<void>>();
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    private store: OutboxStore,
    private readonly userId: number,
    private readonly tabs: Tabs,
    private readonly handlers: OutboxHandlers,
  ) {
    this.watched.add(tabs.id);
    handlers.durability(store.durability);
  }

  /** Adopts what closed tabs have left, now and as they close. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.tabs.close();
  }

  /** Resolves when it is kept. The same key is written in the order of the calls. */
  put(record: OwnRecord): Promise<void> {
    const full: OutboxRecord = { ...record, userId: this.userId, tabId: this.tabs.id };
    return this.after(record.key, () => this.keep(full));
  }

  remove(key: string): Promise<void> {
    return this.after(key, async () => {
      await this.store.remove(key).catch(() => {}); // it would be sent again, which takes no effect
    });
  }

  private after(key: string, act: () => Promise<void>): Promise<void> {
    const done = (this.latest.get(key) ?? Promise.resolve()).then(act);
    this.latest.set(key, done);
    const forget = () => this.latest.get(key) === done && this.latest.delete(key);
    return done.finally(forget);
  }

  private async keep(record: OutboxRecord): Promise<void> {
    try {
      await this.store.put(record);
    } catch {
      this.fallBackToMemory();
      await this.store.put(record);
    }
  }

  /** The device is full or forbids it: the page says so, and asks before it is closed. */
  private fallBackToMemory(): void {
    this.store = new MemoryOutbox();
    this.handlers.durability("memory");
  }

  private async look(): Promise<void> {
    const tabs = await this.store.tabs(this.userId).catch(() => []);
    for (const tabId of tabs) {
      if (this.watched.has(tabId)) continue;
      this.watched.add(tabId);
      this.tabs.whenGone(tabId, () => void this.adopt(tabId));
    }
  }

  private async adopt(tabId: string): Promise<void> {
    this.watched.delete(tabId);
    const records = await this.store.adopt(this.userId, tabId, this.tabs.id).catch(() => []);
    if (records.length > 0) this.handlers.adopted(records);
  }
}
