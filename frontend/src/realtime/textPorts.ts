/** What the texts that are edited here need from the rest of the page, and what they tell it. */
import type { ChangeSet } from "@codemirror/state";
import type { Durability } from "./outbox";
import type { TextRecord } from "./outboxStore";
import type { Room } from "./textChanges";

export type Subject = string | number;
export type QueuedText = Omit<TextRecord, "userId" | "tabId">;

/** A change of the log, or null for an entry that changes no text. */
export interface TextEntry {
  channel: string;
  offset: number;
  op: string | null;
  change: { subject: Subject; changes: ChangeSet } | null;
}

export interface TextUpdate {
  op: string;
  channel: string;
  subject: Subject;
  base: number;
  changes: ChangeSet;
}

export interface TextPorts {
  /** Resolves when it is kept, or when it is clear that the device does not take it. */
  keep(record: QueuedText): Promise<Durability>;
  drop(key: string): Promise<void>;
  /** Another tab answers for what the device has under this key. */
  leave(key: string): void;
  /** What the device has under this key is out of date: no other tab may send it. */
  forgetOlder(key: string): Promise<void>;
  /** False when it cannot be sent now: no connection, or the channel is not caught up. */
  send(update: TextUpdate): boolean;
  newName(): string;
  /** How large the changes of one update may be. */
  room(): Room;
  random(): number;
  /** The view changed other than by `type`. */
  viewed(channel: string, subject: Subject, changes: ChangeSet): void;
  /** A text comes into view with changes that another tab left behind, on a synced part that stands at `at`. */
  shown(channel: string, subject: Subject, text: string, at: number): void;
  changed(): void;
  /** Cannot be saved, for good; said again by the same name, it is the same refusal. `text` is what was in view. */
  refused(name: string, lost: { channel: string; subject: Subject; text: string; sentence: string }): void;
  /** The log no longer reaches back: load a snapshot and call `rebase`. */
  tooOld(channel: string): void;
}
