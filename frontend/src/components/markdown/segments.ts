/** Cuts a message's text where its parts stand, so that text and parts are shown in their order. */

export interface Placed {
  at: number;
}

export type Segment<P extends Placed> =
  | { kind: "text"; from: number; text: string }
  | { kind: "parts"; parts: P[] };

const FENCE = /^[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t]*\1[`~]*[ \t]*$|(?![\s\S]))/gm;

function fences(text: string): { from: number; to: number }[] {
  return [...text.matchAll(FENCE)].map((match) => ({ from: match.index, to: match.index + match[0].length }));
}

function isSpace(unit: string | undefined): boolean {
  return unit === undefined || /\s/.test(unit);
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

/** Where a part may stand: never inside a code block, never inside a word. */
function placeFor(text: string, blocks: { from: number; to: number }[], at: number): number {
  const inText = Math.max(0, Math.min(at, text.length));
  const block = blocks.find(({ from, to }) => from < inText && inText < to);
  if (block) return block.to;
  return isSpace(text[inText - 1]) || isSpace(text[inText]) ? inText : endOfLine(text, inText);
}

/** Text and parts in reading order; neighbouring parts come together, blank text between them is left out. */
export function segmentsOf<P extends Placed>(text: string, parts: readonly P[]): Segment<P>[] {
  const blocks = parts.length > 0 ? fences(text) : [];
  const placed = parts
    .map((part) => ({ part, at: placeFor(text, blocks, part.at) }))
    .sort((a, b) => a.at - b.at);
  const segments: Segment<P>[] = [];
  let from = 0;
  const addText = (to: number): void => {
    const piece = text.slice(from, to);
    if (piece.trim() !== "") segments.push({ kind: "text", from, text: piece });
    from = to;
  };
  for (const { part, at } of placed) {
    addText(at);
    const last = segments.at(-1);
    if (last?.kind === "parts") last.parts.push(part);
    else segments.push({ kind: "parts", parts: [part] });
  }
  addText(text.length);
  return segments;
}
