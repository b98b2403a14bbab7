import { ChangeSet } from "@codemirror/state";

interface Span {
  from: number;
  to: number;
  insert: string;
}

/** More differing lines than this are taken as one difference: the search grows with their square. */
const MOST_EDITS = 400;

/** A change set from one text to another: by lines, and within differing lines what differs between their ends. */
export function differenceOf(before: string, after: string): ChangeSet {
  const a = linesOf(before);
  const b = linesOf(after);
  const spans = differingLines(a, b).map(([a0, a1, b0, b1]) => narrowed(a, b, a0, a1, b0, b1));
  return ChangeSet.of(spans, before.length);
}

/** Lines with their line ends, so that they join to the text again. */
const linesOf = (text: string): string[] => text.split(/(?<=\n)/);

type Hunk = [aFrom: number, aTo: number, bFrom: number, bTo: number];

/** Myers' greedy search for the fewest inserted and deleted lines (An O(ND) Difference Algorithm, 1986). */
function differingLines(a: string[], b: string[]): Hunk[] {
  const trace: Map<number, number>[] = [];
  let reach = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= Math.min(a.length + b.length, MOST_EDITS); edits++) {
    trace.push(reach);
    const next = new Map(reach);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = furthest(reach, diagonal, edits);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return hunksOf(trace, a.length, b.length);
    }
    reach = next;
  }
  return [[0, a.length, 0, b.length]];
}

function goesDown(reach: Map<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1);
}

function furthest(reach: Map<number, number>, diagonal: number, edits: number): number {
  return goesDown(reach, diagonal, edits)
    ? (reach.get(diagonal + 1) ?? 0)
    : (reach.get(diagonal - 1) ?? 0) + 1;
}

/** Walks the search back from its end and joins neighbouring edits. */
function hunksOf(trace: Map<number, number>[], aLength: number, bLength: number): Hunk[] {
  const hunks: Hunk[] = [];
  let [x, y] = [aLength, bLength];
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const reach = trace[edits] ?? new Map<number, number>();
    const diagonal = x - y;
    const down = goesDown(reach, diagonal, edits);
    const from = down ? diagonal + 1 : diagonal - 1;
    const x0 = reach.get(from) ?? 0;
    const y0 = x0 - from;
    const [x1, y1] = down ? [x0, y0 + 1] : [x0 + 1, y0];
    const later = hunks[0];
    if (later && later[0] === x1 && later[2] === y1) hunks[0] = [x0, later[1], y0, later[3]];
    else hunks.unshift([x0, x1, y0, y1]);
    [x, y] = [x0, y0];
  }
  return hunks;
}

function narrowed(a: string[], b: string[], a0: number, a1: number, b0: number, b1: number): Span {
  const start = a.slice(0, a0).reduce((sum, line) => sum + line.length, 0);
  const old = a.slice(a0, a1).join("");
  const now = b.slice(b0, b1).join("");
  const head = commonHead(old, now);
  const tail = commonTail(old.slice(head), now.slice(head));
  return { from: start + head, to: start + old.length - tail, insert: now.slice(head, now.length - tail) };
}

const isHighSurrogate = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xd800;
const isLowSurrogate = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** Neither end may cut through a surrogate pair. */
function commonHead(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length > 0 && isHighSurrogate(a, length - 1) ? length - 1 : length;
}

function commonTail(a: string, b: string): number {
  let length = 0;
  const most = Math.min(a.length, b.length);
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length > 0 && isLowSurrogate(a, a.length - length) ? length - 1 : length;
}
