/**
 * This tab's part of what is kept on the device. What the device does not take is held in memory, said to be there
 * only, and offered to the device again; what dead tabs left is adopted.
 */
import type { OutboxRecord, OutboxStore } from "./outboxStore";
import type { Tabs } from "./tabs";

const LOOK_EVERY_MS = 5_000;
/** Nobody's: asks whether the device takes a record of this size, and is never sent. */
const PROBE = { key: "probe", userId: 0 };

// A record without the fields that this tab adds; distributes over the union.
type Own<R> = R extends OutboxRecord ? Omit<R, "userId" | "tabId"> : never;
export type OwnRecord = Own<OutboxRecord>;

/** Where something is kept: "device" outlives the tab, "memory" does not. */
export type Durability = "device" | "memory";

export interface OutboxHandlers {
  /** Records that another tab left behind are this tab's now. */
  adopted(records: OutboxRecord[]): void;
  /** Whether this device takes what it is given. */
  durability(durability: Durability): void;
  /** Another tab took this one for gone, and sends what this one had kept; of the rest, `isKept` says that it is not. */
  takenOver(): void;
  /** `isKept` may answer otherwise than before. */
  keptChanged(): void;
}

export class Outbox {
  private readonly watched = new Set<string>();
  /** The newest form of everything that this tab has to keep. */
  private readonly own = new Map<string, OutboxRecord>();
  /** Those whose newest form is not on the device, or not yet. */
  private readonly unkept = new Set<string>();
  /** What the device has and should not have any more. */
  private readonly stale = new Set<string>();
  private lastFailed: OutboxRecord | null = null;
  private isFailing = false;
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    private readonly store: OutboxStore,
    private readonly userId: number,
    private readonly tabs: Tabs,
    private readonly handlers: OutboxHandlers,
  ) {
    this.watched.add(tabs.id);
    store.onLost(() => void this.keepAgain());
  }

  /** Adopts what closed tabs have left, now and as they close. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.lookAgain(), LOOK_EVERY_MS);
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.tabs.close();
  }

  /** True when the device has the newest form of this record. */
  isKept(key: string): boolean {
    return !this.unkept.has(key);
  }

  /** Resolves when it is kept, or when it is clear that the device does not take it. */
  async put(record: OwnRecord): Promise<Durability> {
    const full: OutboxRecord = { ...record, userId: this.userId, tabId: this.tabs.id };
    this.own.set(record.key, full);
    this.unkept.add(record.key);
    this.noticeTakeover();
    if (this.isFailing) return "memory"; // offered again in a moment; nobody waits for a device that hangs
    return (await this.write(full)) ? "device" : "memory";
  }

  async remove(key: string): Promise<void> {
    this.own.delete(key);
    this.unkept.delete(key);
    await this.erase(key);
  }

  /** The device's form of this record is older than what is sent: another tab must not find it and send it too. */
  async forgetOlder(key: string): Promise<void> {
    if (!this.unkept.has(key)) return;
    await this.erase(key);
  }

  private async write(record: OutboxRecord): Promise<boolean> {
    this.noticeTakeover();
    if (this.own.get(record.key) !== record) return true; // another's now, or newer
    const isWritten = await this.store.put(record).then(
      () => true,
      () => false,
    );
    this.noticeTakeover();
    if (isWritten) this.stale.delete(record.key);
    else this.failAt(record);
    if (isWritten && this.own.get(record.key) === record && this.unkept.delete(record.key))
      this.handlers.keptChanged();
    return isWritten;
  }

  private failAt(record: OutboxRecord): void {
    this.lastFailed = record;
    this.fail(true);
  }

  /** While this tab slept, another one took it for gone and adopted what it had kept: what remains is kept anew. */
  private noticeTakeover(): void {
    if (!this.tabs.isTaken()) return;
    this.tabs.renew();
    this.watched.add(this.tabs.id);
    this.handlers.takenOver();
    for (const each of [...this.own.values()].filter(({ tabId }) => tabId !== this.tabs.id)) {
      if (this.unkept.has(each.key)) void this.put(each);
      else this.leave(each.key);
    }
  }

  /** Another tab answers for this record. */
  leave(key: string): void {
    this.own.delete(key);
    this.unkept.delete(key);
  }

  private async erase(key: string): Promise<void> {
    this.stale.add(key);
    try {
      await this.store.remove(key);
      this.stale.delete(key);
    } catch {
      this.fail(true);
    }
  }

  private fail(isFailing: boolean): void {
    if (this.isFailing === isFailing) return;
    this.isFailing = isFailing;
    this.handlers.durability(isFailing ? "memory" : "device");
  }

  /** The database was closed under the page, perhaps deleted. */
  private async keepAgain(): Promise<void> {
    for (const key of this.own.keys()) this.unkept.add(key);
    this.handlers.keptChanged();
    await Promise.all([...this.own.values()].map((each) => this.write(each)));
  }

  private async lookAgain(): Promise<void> {
    if (this.isFailing && (await this.works())) this.fail(false);
    await this.look();
  }

  private async works(): Promise<boolean> {
    for (const key of this.stale) if (!this.own.has(key)) await this.erase(key);
    const waiting = [...this.unkept].flatMap((key) => this.own.get(key) ?? []);
    for (const record of waiting) {
      if (this.own.get(record.key) === record && !(await this.write(record))) return false;
    }
    return waiting.length > 0 || (await this.takes(this.lastFailed));
  }

  private async takes(record: OutboxRecord | null): Promise<boolean> {
    try {
      if (record) await this.store.put({ ...record, ...PROBE });
      await this.store.remove(PROBE.key);
      return true;
    } catch {
      return false;
    }
  }

  private async look(): Promise<void> {
    try {
      for (const tabId of await this.store.tabs(this.userId)) this.watch(tabId);
    } catch {
      this.fail(true);
    }
  }

  private watch(tabId: string): void {
    if (this.watched.has(tabId)) return;
    this.watched.add(tabId);
    this.tabs.whenGone(tabId, () => void this.adopt(tabId));
  }

  private async adopt(tabId: string): Promise<void> {
    this.watched.delete(tabId);
    this.tabs.take(tabId);
    const records = await this.store.adopt(this.userId, tabId, this.tabs.id).catch(() => []);
    for (const each of records) this.own.set(each.key, each);
    if (records.length > 0) this.handlers.adopted(records);
  }
}
