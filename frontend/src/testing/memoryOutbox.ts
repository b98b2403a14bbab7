import type { OutboxRecord, OutboxStore } from "../realtime/outboxStore";

/** A device that keeps everything, as long as the test runs. */
export class MemoryOutbox implements OutboxStore {
  private readonly records = new Map<string, OutboxRecord>();

  onLost(): void {}

  tabs(userId: number): Promise<string[]> {
    const own = [...this.records.values()].filter((each) => each.userId === userId);
    return Promise.resolve([...new Set(own.map((each) => each.tabId))]);
  }

  adopt(userId: number, from: string, to: string): Promise<OutboxRecord[]> {
    const found = [...this.records.values()].filter((each) => each.userId === userId && each.tabId === from);
    const adopted = found.map((each) => ({ ...each, tabId: to }));
    for (const each of adopted) this.records.set(each.key, each);
    return Promise.resolve(adopted);
  }

  put(record: OutboxRecord): Promise<void> {
    this.records.set(record.key, record);
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.records.delete(key);
    return Promise.resolve();
  }
}
