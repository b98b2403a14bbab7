import { ChangeSet, Text } from "@codemirror/state";

/** A change set in CodeMirror's JSON form. */
export type ChangeJson = (number | (number | string)[])[];

export const changesFrom = (json: ChangeJson): ChangeSet => ChangeSet.fromJSON(json);
export const changesToJson = (changes: ChangeSet): ChangeJson => changes.toJSON() as ChangeJson;
export const textOf = (text: string): Text => Text.of(text.split("\n"));

/** What a part takes at most beside its text. */
const PART_BYTES = 32;
/** A control character is written as six. */
const UNIT_BYTES = 6;

interface Span {
  from: number;
  to: number;
  insert: string;
}

/** A change set in two: the first makes a frame of about `mostBytes` at most, the second, if any, comes after it. */
export function splitChanges(changes: ChangeSet, mostBytes: number): [ChangeSet, ChangeSet | null] {
  const [first, rest]: [Span[], Span[]] = [[], []];
  let [room, shift] = [mostBytes, 0];
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    const insert = inserted.toString();
    const taken = rest.length > 0 ? 0 : unitsFitting(insert, room - PART_BYTES, first.length === 0);
    const isTaken = rest.length === 0 && (taken > 0 || (insert === "" && room >= PART_BYTES));
    if (isTaken) {
      first.push({ from, to, insert: insert.slice(0, taken) });
      shift += taken - (to - from);
      room -= PART_BYTES + taken * UNIT_BYTES;
      if (taken < insert.length) rest.push({ from: to + shift, to: to + shift, insert: insert.slice(taken) });
    } else rest.push({ from: from + shift, to: to + shift, insert });
  }, true);
  if (rest.length === 0) return [changes, null];
  const begun = ChangeSet.of(first, changes.length);
  return [begun, ChangeSet.of(rest, begun.newLength)];
}

/** Whole characters only, and at least one if something must go. */
function unitsFitting(text: string, bytes: number, mustGo: boolean): number {
  const units = Math.max(mustGo ? 2 : 0, Math.floor(bytes / UNIT_BYTES));
  if (units >= text.length) return text.length;
  return (text.charCodeAt(units) & 0xfc00) === 0xdc00 ? units - 1 : units;
}

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
