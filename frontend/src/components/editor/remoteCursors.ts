/** Other people's carets and selections in an editor: they move with the text, and say whose they are. */
import { type Extension, type Range, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { colourOf, PERSON_COLOURS } from "../people";

export interface RemoteCursor {
  session: string;
  userId: number;
  name: string;
  anchor: number;
  head: number;
}

class CaretWidget extends WidgetType {
  constructor(
    private readonly name: string,
    private readonly colourClass: string,
    private readonly place: string,
  ) {
    super();
  }

  override eq(other: CaretWidget): boolean {
    return other.place === this.place && other.name === this.name && other.colourClass === this.colourClass;
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = `cm-remoteCaret ${this.colourClass}`;
    caret.ariaHidden = "true";
    // Shown by the style, so that the name is never part of the text that is selected, copied or read out.
    caret.dataset.name = this.name;
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

function classOf(userId: number): string {
  return `cm-person${PERSON_COLOURS.indexOf(colourOf(userId))}`;
}

function rangesOf(cursor: RemoteCursor, length: number): Range<Decoration>[] {
  const within = (position: number) => Math.max(0, Math.min(position, length));
  const [anchor, head] = [within(cursor.anchor), within(cursor.head)];
  const colour = classOf(cursor.userId);
  const caret = Decoration.widget({
    widget: new CaretWidget(cursor.name, colour, `${cursor.session}/${anchor}/${head}`),
    side: 1,
  }).range(head);
  if (anchor === head) return [caret];
  const selection = Decoration.mark({ class: `cm-remoteSelection ${colour}` });
  return [selection.range(Math.min(anchor, head), Math.max(anchor, head)), caret];
}

const setCursors = StateEffect.define<readonly RemoteCursor[]>();

const cursorField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    const newest = transaction.effects.filter((effect) => effect.is(setCursors)).at(-1);
    if (!newest) return shown.map(transaction.changes);
    const length = transaction.newDoc.length;
    return RangeSet.of(
      newest.value.flatMap((cursor) => rangesOf(cursor, length)),
      true,
    );
  },
  provide: (field) => EditorView.decorations.from(field),
});

const colours = Object.fromEntries(
  PERSON_COLOURS.map((colour, index) => [`.cm-person${index}`, { "--person": colour }]),
);

const look = EditorView.baseTheme({
  ...colours,
  ".cm-remoteSelection": { backgroundColor: "color-mix(in srgb, var(--person) 24%, transparent)" },
  ".cm-remoteCaret": {
    position: "relative",
    marginInline: "-1px",
    borderInlineStart: "2px solid var(--person)",
    pointerEvents: "none",
  },
  ".cm-remoteCaret::after": {
    content: "attr(data-name)",
    position: "absolute",
    bottom: "100%",
    insetInlineStart: "-2px",
    zIndex: "2",
    padding: "0 0.375rem",
    borderRadius: "4px 4px 4px 0",
    background: "var(--person)",
    color: "#fff",
    fontFamily: "var(--mantine-font-family)",
    fontSize: "0.6875rem",
    fontWeight: "600",
    fontStyle: "normal",
    lineHeight: "1.05rem",
    whiteSpace: "nowrap",
    userSelect: "none",
  },
});

/** Room for other people's cursors; fill it with `showCursors`. */
export function remoteCursors(): Extension {
  return [cursorField, look];
}

/** Replaces all cursors; positions are in the editor's present text and move with it from now on. */
export function showCursors(view: EditorView, cursors: readonly RemoteCursor[]): void {
  view.dispatch({ effects: setCursors.of(cursors) });
}
