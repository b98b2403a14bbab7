import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { Annotation, type ChangeSet, EditorState, type Extension, Transaction } from "@codemirror/state";
import { EditorView, keymap, placeholder, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { look } from "./look";
import { markdownInPieces } from "./markdownInPieces";
import { remoteCursors } from "./remoteCursors";
import { onlyStorable, tooLong } from "./storableText";

/** Marks what came from elsewhere, so that it is not sent back there. */
const fromElsewhere = Annotation.define<boolean>();

export interface TextEditorEvents {
  /** Something was typed, pasted, undone …, in the turn in which it happened. */
  onTyped: (changes: ChangeSet) => void;
  onCursor: (anchor: number, head: number) => void;
  onBlur: () => void;
  onDone: () => void;
  /** Something was not taken into the text, because it would have become longer than `mostUnits`. */
  onTooLong: () => void;
}

export interface TextEditorOptions extends TextEditorEvents {
  text: string;
  /** How many UTF-16 code units the text may have. */
  mostUnits: () => number;
  label: string;
}

/** True when something was typed. */
function tellTyped(update: ViewUpdate, onTyped: TextEditorEvents["onTyped"]): boolean {
  const typed = update.transactions.filter((transaction) => transaction.docChanged && isOurs(transaction));
  for (const { changes } of typed) onTyped(update.view.plugin(waiting)?.typed(changes) ?? changes);
  return typed.length > 0;
}

function listening({ onTyped, onCursor, onBlur, onTooLong }: TextEditorEvents): Extension {
  return EditorView.updateListener.of((update) => {
    const isTyped = tellTyped(update, onTyped);
    const effects = update.transactions.flatMap((transaction) => transaction.effects);
    if (effects.some((effect) => effect.is(tooLong))) onTooLong();
    const { anchor, head } = update.state.selection.main;
    const hasMoved = update.selectionSet || update.docChanged || update.focusChanged;
    // Who types is here, also in a window that the system does not show in front.
    if (isTyped || (update.view.hasFocus && hasMoved)) onCursor(anchor, head);
    else if (update.focusChanged) onBlur();
  });
}

/** While an input method composes, what comes from elsewhere waits: a change of the line would break the composition. */
class Waiting {
  private held: ChangeSet | null = null;

  constructor(private readonly view: EditorView) {}

  take(changes: ChangeSet): void {
    if (this.held) this.held = this.held.compose(changes);
    else if (this.view.composing) this.held = changes;
    else this.apply(changes);
  }

  /** The same where what is held is in the text already, as it is outside of the editor. */
  typed(changes: ChangeSet): ChangeSet {
    const { held } = this;
    if (!held) return changes;
    this.held = held.map(changes, true);
    return changes.map(held);
  }

  update(): void {
    if (this.held) this.releaseSoon();
  }

  releaseSoon(): void {
    setTimeout(() => {
      if (!this.held || this.view.composing) return;
      const { held } = this;
      this.held = null;
      this.apply(held);
    });
  }

  destroy(): void {
    this.held = null;
  }

  private apply(changes: ChangeSet): void {
    const annotations = [fromElsewhere.of(true), Transaction.addToHistory.of(false)];
    this.view.dispatch({ changes, annotations });
  }
}

const waiting = ViewPlugin.fromClass(Waiting, {
  eventHandlers: {
    compositionend() {
      this.releaseSoon();
    },
  },
});

const isOurs = (transaction: Transaction): boolean => !transaction.annotation(fromElsewhere);

function keys(onDone: () => void): Extension {
  const done = () => {
    onDone();
    return true;
  };
  return keymap.of([
    { key: "Escape", run: done },
    { key: "Mod-Enter", run: done },
    ...historyKeymap,
    ...defaultKeymap,
  ]);
}

/** A Markdown editor whose positions are those of the stored text: lines end with `\n` and nothing else. */
export function createTextEditor(parent: HTMLElement, options: TextEditorOptions): EditorView {
  const state = EditorState.create({
    doc: options.text,
    selection: { anchor: options.text.length },
    extensions: [
      EditorState.lineSeparator.of("\n"),
      onlyStorable(isOurs, options.mostUnits),
      history(),
      keys(options.onDone),
      markdownInPieces(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        "aria-label": options.label,
        "data-testid": "message-editor",
        spellcheck: "true",
        autocapitalize: "sentences",
      }),
      placeholder("Write in Markdown…"),
      look,
      remoteCursors(),
      waiting,
      listening(options),
    ],
  });
  return new EditorView({ parent, state });
}

/** Applies a change that was made elsewhere; undo does not touch it. */
export function applyFromElsewhere(view: EditorView, changes: ChangeSet): void {
  view.plugin(waiting)?.take(changes);
}
