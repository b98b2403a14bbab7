export interface SnippetPiece {
  text: string;
  isHit: boolean;
}

/** Takes a snippet apart at its marks (U+E000 before what was found, U+E001 after); a cut-off mark ends with the text. */
export function snippetPieces(snippet: string): SnippetPiece[] {
  const pieces: SnippetPiece[] = [];
  for (const [index, run] of snippet.split("\ue000").entries()) {
    const [hit = "", ...rest] = index === 0 ? ["", run] : run.split("\ue001");
    if (hit) pieces.push({ text: hit, isHit: true });
    const plain = rest.join("").replaceAll("\ue001", "");
    if (plain) pieces.push({ text: plain, isHit: false });
  }
  return pieces;
}
