/** Keys that mean something outside of text fields. Pure enough to test: an event in, a name out. */

export type ListMove = "next" | "previous" | "first" | "last";

const LIST_MOVES: Record<string, ListMove> = {
  ArrowDown: "next",
  j: "next",
  ArrowUp: "previous",
  k: "previous",
  Home: "first",
  End: "last",
};

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

function isPlain(event: KeyPress): boolean {
  return !(event.ctrlKey || event.metaKey || event.altKey);
}

/** Where this key moves in a list, or null. */
export function listMove(event: KeyPress): ListMove | null {
  return isPlain(event) ? (LIST_MOVES[event.key] ?? null) : null;
}

/** The place after the move, within a list of `count` (at least one). */
export function movedIndex(index: number, move: ListMove, count: number): number {
  switch (move) {
    case "next":
      return Math.min(index + 1, count - 1);
    case "previous":
      return Math.max(index - 1, 0);
    case "first":
      return 0;
    case "last":
      return count - 1;
  }
}

/** True when the person is writing, or in a dialog or menu that has keys of its own. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest("input, textarea, select, [contenteditable=true], [role=dialog], [role=menu]") !== null
  );
}
