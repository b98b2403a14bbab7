/**
 * What enters the editor's text from here is what the server can store: no half surrogate pair, NUL or carriage
 * return, and not more than fits. It is mended before it enters, because the server's refusal would come too late:
 * the editor would go on from another text (rule CS6 of docs/reference/change-sets.md).
 */
import {
  ChangeSet,
  EditorSelection,
  EditorState,
  type Extension,
  StateEffect,
  type Text,
  Transaction,
  type TransactionSpec,
} from "@codemirror/state";

/** Stands in the place of a change that would have made the text too long. */
export const tooLong = StateEffect.define<null>();

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const isHigh = (unit: number) => (unit & 0xfc00) === 0xd800;
const isLow = (unit: number) => (unit & 0xfc00) === 0xdc00;

/** The text as it can be stored: line ends `\n`, no NUL, U+FFFD for each lone surrogate. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").replace(/\r\n?/g, "\n").replace(LONE_SURROGATE, "\ufffd");
}

/** Filters what this person types, pastes, drops …; `isOurs` tells what comes from elsewhere and is whole already. */
export function onlyStorable(
  isOurs: (transaction: Transaction) => boolean,
  mostUnits: () => number,
): Extension {
  return EditorState.transactionFilter.of((transaction) => {
    if (!transaction.docChanged || !isOurs(transaction)) return transaction;
    const repairs = repairsOf(transaction);
    const length = repairs.reduce(
      (sum, each) => sum + each.now.length - each.was.length,
      transaction.newDoc.length,
    );
    const { length: before } = transaction.startState.doc;
    if (length > mostUnits() && length > before) return { effects: tooLong.of(null) };
    return repairs.length > 0 ? repaired(transaction, repairs) : transaction;
  });
}

/** A range of the new text, which is put again so that the change is of whole characters. */
interface Repair {
  from: number;
  was: string;
  now: string;
}

function repairsOf({ startState, newDoc, changes }: Transaction): Repair[] {
  const repairs: Repair[] = [];
  let end = 0;
  changes.iterChangedRanges((fromA, toA, fromB, toB) => {
    const cutsBefore = cutsPair(startState.doc, fromA);
    const cutsAfter = cutsPair(startState.doc, toA);
    const from = Math.max(end, cutsBefore ? fromB - 1 : fromB);
    const to = cutsAfter ? toB + 1 : toB;
    if (to <= from) return;
    const was = newDoc.sliceString(from, to);
    const now = storable(was);
    end = to;
    if (cutsBefore || cutsAfter || now !== was) repairs.push({ from, was, now });
  }, true);
  return repairs;
}

function cutsPair(doc: Text, at: number): boolean {
  if (at <= 0 || at >= doc.length) return false;
  const around = doc.sliceString(at - 1, at + 1);
  return isHigh(around.charCodeAt(0)) && isLow(around.charCodeAt(1));
}

/** The same with each replaced range as one part: between two parts the server would see half a pair. */
function repaired(transaction: Transaction, repairs: Repair[]): TransactionSpec {
  const { changes, newSelection, newDoc, startState, effects, scrollIntoView } = transaction;
  const again = repairs.map(({ from, was, now }) => ({ from, to: from + was.length, insert: now }));
  const whole: { from: number; to: number; insert: Text }[] = [];
  const both = changes.compose(ChangeSet.of(again, newDoc.length));
  both.iterChanges((from, to, _fromB, _toB, insert) => whole.push({ from, to, insert }));
  const place = (at: number) => placeAfter(repairs, at);
  const ranges = newSelection.ranges.map(({ anchor, head }) =>
    EditorSelection.range(place(anchor), place(head)),
  );
  const userEvent = transaction.annotation(Transaction.userEvent);
  return {
    changes: ChangeSet.of(whole, startState.doc.length),
    selection: EditorSelection.create(ranges, newSelection.mainIndex),
    effects,
    scrollIntoView,
    ...(userEvent === undefined ? {} : { userEvent }),
  };
}

/** Where a place of the new text is when the repairs are made. */
function placeAfter(repairs: Repair[], place: number): number {
  let moved = 0;
  for (const { from, was, now } of repairs) {
    if (place <= from) break;
    if (place < from + was.length) return from + moved + storable(was.slice(0, place - from)).length;
    moved += now.length - was.length;
  }
  return place + moved;
}
