import type { DeviceDatabase, OpenDatabase } from "./deviceDatabase";
import type { OutboxRecord, OutboxStore } from "./outboxStore";

/** On the disk, and not only in the system's cache: what is kept here survives a power cut. */
const ON_DISK: IDBTransactionOptions = { durability: "strict" };

/** Kept in IndexedDB, shared by all tabs of this browser. */
export class IndexedOutbox implements OutboxStore {
  constructor(private readonly database: DeviceDatabase) {}

  onLost(listener: () => void): void {
    this.database.onClosed(listener);
  }

  async tabs(userId: number): Promise<string[]> {
    const records = await this.database.use((open) => open.getAllFromIndex("outbox", "userId", userId));
    return [...new Set(records.map((each) => each.tabId))];
  }

  /** One transaction, which IndexedDB runs alone: of two tabs that try, one finds nothing any more. */
  adopt(userId: number, from: string, to: string): Promise<OutboxRecord[]> {
    return this.database.use(async (open) => {
      const transaction = writing(open);
      const records = await transaction.store.index("userId").getAll(userId);
      const adopted = records.filter((each) => each.tabId === from).map((each) => ({ ...each, tabId: to }));
      await Promise.all([...adopted.map((each) => transaction.store.put(each)), transaction.done]);
      return adopted;
    });
  }

  put(record: OutboxRecord): Promise<void> {
    return this.database.use(async (open) => {
      const transaction = writing(open);
      const put = transaction.store.put(record);
      transaction.commit(); // at once: a page that goes away aborts what it has not committed
      await Promise.all([put, transaction.done]);
    });
  }

  remove(key: string): Promise<void> {
    return this.database.use(async (open) => {
      const transaction = writing(open);
      const removed = transaction.store.delete(key);
      transaction.commit();
      await Promise.all([removed, transaction.done]);
    });
  }
}

const writing = (open: OpenDatabase) => open.transaction("outbox", "readwrite", ON_DISK);
