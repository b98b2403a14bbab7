import { ChangeSet, Text } from "@codemirror/state";

/** A change set in CodeMirror's JSON form. */
export type ChangeJson = (number | (number | string)[])[];

export const changesFrom = (json: ChangeJson): ChangeSet => ChangeSet.fromJSON(json);
export const changesToJson = (changes: ChangeSet): ChangeJson => changes.toJSON() as ChangeJson;
export const textOf = (text: string): Text => Text.of(text.split("\n"));

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
