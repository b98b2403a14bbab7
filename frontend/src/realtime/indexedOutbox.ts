import type { DeviceDatabase } from "./deviceDatabase";
import type { OutboxRecord, OutboxStore } from "./outboxStore";

/** On the disk, and not only in the system's cache: what is kept here survives a power cut. */
const ON_DISK: IDBTransactionOptions = { durability: "strict" };

/** Kept in IndexedDB, shared by all tabs of this browser. */
export class IndexedOutbox implements OutboxStore {
  readonly durability = "device";

  constructor(private readonly database: DeviceDatabase) {}

  async tabs(userId: number): Promise<string[]> {
    const records = await this.database.getAllFromIndex("outbox", "userId", userId);
    return [...new Set(records.map((each) => each.tabId))];
  }

  /** One transaction, which IndexedDB runs alone: of two tabs that try, one finds nothing any more. */
  async adopt(userId: number, from: string, to: string): Promise<OutboxRecord[]> {
    const transaction = this.database.transaction("outbox", "readwrite", ON_DISK);
    const records = await transaction.store.index("userId").getAll(userId);
    const adopted = records.filter((each) => each.tabId === from).map((each) => ({ ...each, tabId: to }));
    await Promise.all([...adopted.map((each) => transaction.store.put(each)), transaction.done]);
    return adopted;
  }

  async put(record: OutboxRecord): Promise<void> {
    const transaction = this.database.transaction("outbox", "readwrite", ON_DISK);
    await Promise.all([transaction.store.put(record), transaction.done]);
  }

  async remove(key: string): Promise<void> {
    const transaction = this.database.transaction("outbox", "readwrite", ON_DISK);
    await Promise.all([transaction.store.delete(key), transaction.done]);
  }
}
