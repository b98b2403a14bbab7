import { ChangeSet, Text } from "@codemirror/state";

/** A change set in CodeMirror's JSON form. */
export type ChangeJson = (number | (number | string)[])[];

export const changesFrom = (json: ChangeJson): ChangeSet => ChangeSet.fromJSON(json);
export const changesToJson = (changes: ChangeSet): ChangeJson => changes.toJSON() as ChangeJson;
export const textOf = (text: string): Text => Text.of(text.split("\n"));

/** How much one frame may hold. */
export interface Room {
  bytes: number;
  /** JSON values: each line of a text is one. */
  values: number;
}

/** What a part takes at most beside its text: `12,[3,"` and `"],`. */
const PART: Room = { bytes: 32, values: 4 };
/** A control character is written as six. */
const UNIT_BYTES = 6;

interface Span {
  from: number;
  to: number;
  insert: string;
}

/** A change set in two: the first makes a frame of about `most` at most, the second, if any, comes after it. */
export function splitChanges(changes: ChangeSet, most: Room): [ChangeSet, ChangeSet | null] {
  const [first, rest]: [Span[], Span[]] = [[], []];
  let [room, shift] = [most, 0];
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    const insert = inserted.toString();
    const left = { bytes: room.bytes - PART.bytes, values: room.values - PART.values };
    const taken = rest.length > 0 ? 0 : unitsFitting(insert, left, first.length === 0);
    const isTaken =
      rest.length === 0 && (taken > 0 || (insert === "" && left.bytes >= 0 && left.values >= 0));
    if (isTaken) {
      const begun = insert.slice(0, taken);
      first.push({ from, to, insert: begun });
      shift += taken - (to - from);
      room = { bytes: left.bytes - taken * UNIT_BYTES, values: left.values - linesEnding(begun) };
      if (taken < insert.length) rest.push({ from: to + shift, to: to + shift, insert: insert.slice(taken) });
    } else rest.push({ from: from + shift, to: to + shift, insert });
  }, true);
  if (rest.length === 0) return [changes, null];
  const begun = ChangeSet.of(first, changes.length);
  return [begun, ChangeSet.of(rest, begun.newLength)];
}

/** Whole characters only, and at least one if something must go. */
function unitsFitting(text: string, room: Room, mustGo: boolean): number {
  const [leastUnits, leastLines] = mustGo ? [2, 1] : [0, -1];
  const units = Math.min(
    Math.max(leastUnits, Math.floor(room.bytes / UNIT_BYTES)),
    unitsWithLines(text, Math.max(leastLines, room.values)),
  );
  if (units >= text.length) return text.length;
  return (text.charCodeAt(units) & 0xfc00) === 0xdc00 ? units - 1 : units;
}

/** As much of the text as ends no more lines than this; nothing if it is less than none. */
function unitsWithLines(text: string, most: number): number {
  let at = -1;
  for (let ended = 0; ended <= most; ended++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return text.length;
  }
  return at;
}

const linesEnding = (text: string): number => text.split("\n").length - 1;

/** The text after the change; throws RangeError when the change was made for a text of another length. */
export function applyTo(text: string, changes: ChangeSet): string {
  if (changes.length !== text.length) {
    throw new RangeError(`A change for ${changes.length} code units cannot be made in ${text.length}.`);
  }
  const pieces: string[] = [];
  let at = 0;
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    pieces.push(text.slice(at, from), inserted.toString());
    at = to;
  }, true);
  pieces.push(text.slice(at));
  return pieces.join("");
}
