/**
 * One text that is being edited here while others edit it: the mirror of the server's rebasing.
 *
 * The view is `text`, then `inflight`, then `tail`. Committed changes win ties, as in `receiveUpdates` of
 * `@codemirror/collab`; each entry is taken by itself, because the server rebases entry by entry too.
 */
import { ChangeSet } from "@codemirror/state";
import { differenceOf } from "./difference";
import { applyTo, type Room, splitChanges, textOf } from "./textChanges";

export interface Inflight {
  /** The change's name for ever: sent again, it takes effect once. */
  readonly op: string;
  readonly changes: ChangeSet;
}

export interface TextSync {
  /** The offset of the channel that `text` is the text at. */
  readonly offset: number;
  readonly text: string;
  /** Sent, or to be sent, and not in the log yet as far as we know. */
  readonly inflight: Inflight | null;
  /** Typed since. */
  readonly tail: ChangeSet | null;
}

/** The text as it is afterwards, and what that changes in the view. */
export interface Synced {
  readonly sync: TextSync;
  readonly view: ChangeSet | null;
}

export const newSync = (offset: number, text: string): TextSync => ({
  offset,
  text,
  inflight: null,
  tail: null,
});

export const isSaved = (sync: TextSync): boolean => sync.inflight === null && sync.tail === null;

export function viewOf({ text, inflight, tail }: TextSync): string {
  const sent = inflight ? applyTo(text, inflight.changes) : text;
  return tail ? applyTo(sent, tail) : sent;
}

/** How long the view is, without making it. */
export const viewLengthOf = ({ text, inflight, tail }: TextSync): number =>
  tail?.newLength ?? inflight?.changes.newLength ?? text.length;

export function typed(sync: TextSync, changes: ChangeSet): TextSync {
  return { ...sync, tail: sync.tail ? sync.tail.compose(changes) : changes };
}

/** What has been typed becomes the one change in flight, under this name, or as much of it as one frame may hold. */
export function takeOff(sync: TextSync, op: string, room: Room): TextSync {
  if (sync.inflight || !sync.tail) return sync;
  const [changes, tail] = splitChanges(sync.tail, room);
  return { ...sync, inflight: { op, changes }, tail };
}

/** Somebody else's entry. */
export function received(sync: TextSync, offset: number, changes: ChangeSet): Synced {
  const text = applyTo(sync.text, changes);
  const overInflight = sync.inflight ? changes.map(sync.inflight.changes, true) : changes;
  const inflight = sync.inflight && { op: sync.inflight.op, changes: sync.inflight.changes.map(changes) };
  const view = sync.tail ? overInflight.map(sync.tail, true) : overInflight;
  const tail = sync.tail?.map(overInflight) ?? null;
  return { sync: { offset, text, inflight, tail }, view };
}

/** An entry that changes another text of the channel. */
export const passed = (sync: TextSync, offset: number): TextSync => ({ ...sync, offset });

/** The own entry: what is in flight is in the log. `changes` are as the log has them. */
export function landed(sync: TextSync, offset: number, changes: ChangeSet): Synced {
  const { inflight } = sync;
  if (!inflight) return received(sync, offset, changes);
  if (JSON.stringify(inflight.changes) !== JSON.stringify(changes))
    return replaceInflight(sync, offset, changes);
  return { sync: { offset, text: applyTo(sync.text, changes), inflight: null, tail: sync.tail }, view: null };
}

/** The server has had what is in flight since before `offset`: it is in `text` already, so it leaves the view. */
export function wasInText(sync: TextSync): Synced {
  return replaceInflight(sync, sync.offset, ChangeSet.empty(sync.text.length));
}

function replaceInflight(sync: TextSync, offset: number, changes: ChangeSet): Synced {
  const before = textOf(sync.text);
  const undo = sync.inflight ? sync.inflight.changes.invert(before) : ChangeSet.empty(before.length);
  const undone: TextSync = { ...sync, inflight: null, tail: sync.tail?.map(undo) ?? null };
  const viewUndo = sync.tail ? undo.map(sync.tail, true) : undo;
  const { sync: redone, view } = received(undone, offset, changes);
  return { sync: redone, view: view ? viewUndo.compose(view) : viewUndo };
}

/** The log does not reach back to `offset`: goes on from a newer text, whose difference counts as one remote change. */
export function rebasedOnto(sync: TextSync, offset: number, text: string): Synced {
  return received(sync, offset, differenceOf(sync.text, text));
}

/** Gives up what is not saved: the view is `text` again. */
export function abandoned(sync: TextSync): Synced {
  const pending = [sync.inflight?.changes, sync.tail].filter((each) => each !== null && each !== undefined);
  const all = pending.reduce((done, each) => done.compose(each), ChangeSet.empty(sync.text.length));
  return { sync: newSync(sync.offset, sync.text), view: all.invert(textOf(sync.text)) };
}

/** Where a place of the view is in `text`; one beyond its end, as of an older view, is the end. */
export function toText({ inflight, tail }: TextSync, place: number): number {
  const inSent = tail ? tail.invertedDesc.mapPos(Math.min(place, tail.newLength)) : place;
  if (!inflight) return inSent;
  return inflight.changes.invertedDesc.mapPos(Math.min(inSent, inflight.changes.newLength));
}

/** Where a place of `text` is in the view; one beyond its end is the end. */
export function toView({ text, inflight, tail }: TextSync, place: number): number {
  const known = Math.min(place, text.length);
  const inSent = inflight ? inflight.changes.mapPos(known, 1) : known;
  return tail ? tail.mapPos(inSent, 1) : inSent;
}
