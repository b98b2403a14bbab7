/** What is kept on this device until the server has acknowledged it. */
import type { ChangeJson } from "./textChanges";

interface Kept {
  /** Names the record among all records of all people on this device. */
  key: string;
  userId: number;
  /** The tab that sends it. */
  tabId: string;
}

/** A command, in the order in which it was given (`seq`); those of one lane are sent one after the other. */
export interface CommandRecord extends Kept {
  kind: "command";
  op: string;
  lane: string;
  seq: number;
  madeAt: number;
  command: object;
}

/** A text with changes on their way. */
export interface TextRecord extends Kept {
  kind: "text";
  channel: string;
  /** Which text of the channel. */
  subject: string | number;
  epoch: string;
  offset: number;
  text: string;
  inflight: { op: string; changes: ChangeJson } | null;
  tail: ChangeJson | null;
}

/** A text that the server refused, for the person to copy. */
export interface DraftRecord extends Kept {
  kind: "draft";
  channel: string;
  subject: string | number;
  text: string;
  sentence: string;
}

export type OutboxRecord = CommandRecord | TextRecord | DraftRecord;

export interface OutboxStore {
  readonly durability: "device" | "memory";
  /** Which tabs have records of this person. */
  tabs(userId: number): Promise<string[]>;
  /** Gives all records of one tab to another, once, however many tabs try. */
  adopt(userId: number, from: string, to: string): Promise<OutboxRecord[]>;
  /** Resolves when it is kept; rejects when this device cannot. */
  put(record: OutboxRecord): Promise<void>;
  remove(key: string): Promise<void>;
}

/** For a private window, where nothing outlives the tab. */
export class MemoryOutbox implements OutboxStore {
  readonly durability = "memory";
  private readonly records = new Map<string, OutboxRecord>();

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
