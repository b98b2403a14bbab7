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
  /** Hears when what was kept may be gone, because the browser has closed the store. */
  onLost(listener: () => void): void;
  /** Which tabs have records of this person. */
  tabs(userId: number): Promise<string[]>;
  /** Gives all records of one tab to another, once, however many tabs try. */
  adopt(userId: number, from: string, to: string): Promise<OutboxRecord[]>;
  /** Resolves when it is kept; rejects when this device cannot. */
  put(record: OutboxRecord): Promise<void>;
  remove(key: string): Promise<void>;
}
