import { undo } from "@codemirror/commands";
import { ChangeSet } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { applyTo } from "../../realtime/textChanges";
import { showCursors } from "./remoteCursors";
import { applyFromElsewhere, createTextEditor } from "./textEditor";

const onTyped = vi.fn<(changes: ChangeSet) => void>();
const onTooLong = vi.fn<() => void>();
const onCursor = vi.fn<(anchor: number, head: number) => void>();
let view: EditorView;

function open(text: string): void {
  view = createTextEditor(document.body, {
    text,
    label: "Message",
    onTyped,
    onCursor,
    onBlur: () => undefined,
    onDone: () => undefined,
    onTooLong,
    mostUnits: () => 100,
  });
}

function type(at: number, insert: string): void {
  view.dispatch({ changes: { from: at, insert }, userEvent: "input.type" });
}

beforeEach(() => {
  onTyped.mockReset();
  onTooLong.mockReset();
  onCursor.mockReset();
});
afterEach(() => view.destroy());

describe("two writers", () => {
  test("what is typed here is told, what comes from elsewhere is not", () => {
    open("ab");
    type(2, "c");
    applyFromElsewhere(view, ChangeSet.of({ from: 0, insert: "x" }, 3));
    expect(view.state.doc.toString()).toBe("xabc");
    expect(onTyped.mock.calls.map(([changes]) => changes.toJSON())).toEqual([[2, [0, "c"]]]);
  });

  test("undo takes back the own edit only", () => {
    open("ab");
    type(2, "c");
    applyFromElsewhere(view, ChangeSet.of({ from: 0, insert: "x" }, 3));
    undo(view);
    expect(view.state.doc.toString()).toBe("xab");
    undo(view);
    expect(view.state.doc.toString()).toBe("xab");
    expect(onTyped).toHaveBeenCalledTimes(2);
  });
});

describe("the own cursor", () => {
  test("is told when something is typed, also in a window that is not in front", () => {
    open("ab");
    expect(view.hasFocus).toBe(false);
    view.dispatch({ changes: { from: 2, insert: "c" }, selection: { anchor: 3 }, userEvent: "input.type" });
    expect(onCursor.mock.calls).toEqual([[3, 3]]);
  });

  test("is not told for what comes from elsewhere while nobody is in the editor", () => {
    open("ab");
    applyFromElsewhere(view, ChangeSet.of({ from: 0, insert: "x" }, 2));
    expect(onCursor).not.toHaveBeenCalled();
  });
});

test("positions are those of the stored text, whatever its line ends", () => {
  open("a\r\nb\rc\nd");
  expect(view.state.doc.length).toBe(8);
  expect(view.state.doc.toString()).toBe("a\r\nb\rc\nd");
});

describe("only what the server can store enters the text", () => {
  const change = (from: number, to: number, insert: string, caret = from + insert.length) =>
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: caret }, userEvent: "input.type" });
  const told = () => onTyped.mock.calls.map(([changes]) => changes.toJSON());
  const caret = () => view.state.selection.main.head;

  test("half a changed pair becomes the whole pair", () => {
    open("a😀b");
    change(2, 3, "😁"[1] ?? "");
    expect(view.state.doc.toString()).toBe("a😁b");
    expect(told()).toEqual([[1, [2, "😁"], 1]]);
    expect(caret()).toBe(3);
  });

  test("so it does when the first half is what changes", () => {
    const [high, low] = ["🀀", "😀"].map((each) => each[0]) as [string, string];
    const after = "😀"[1];
    open(`a${high}${after}`);
    change(1, 2, low);
    expect(view.state.doc.toString()).toBe("a😀");
    expect(told()).toEqual([[1, [2, "😀"]]]);
  });

  test("a pair that loses a half is a replacement character, never half a pair", () => {
    open("a😀b");
    change(1, 2, "");
    expect(view.state.doc.toString()).toBe("a\ufffdb");
    expect(told()).toEqual([[1, [2, "\ufffd"], 1]]);
  });

  test("pasted NUL, carriage returns and lone halves are mended, and the caret stays behind them", () => {
    open("ab");
    change(1, 1, "x\0\r\ny\rz\ud83d!");
    expect(view.state.doc.toString()).toBe("ax\ny\nz\ufffd!b");
    expect(view.state.doc.lines).toBe(3);
    expect(caret()).toBe(8);
    expect(told()).toEqual([[1, [0, "x", "y", "z\ufffd!"], 1]]);
  });

  test("several carets at once", () => {
    open("😀 😀");
    const low = "😁"[1];
    view.dispatch({
      changes: [
        { from: 1, to: 2, insert: low },
        { from: 4, to: 5, insert: low },
      ],
    });
    expect(view.state.doc.toString()).toBe("😁 😁");
    expect(told()).toEqual([[[2, "😁"], 1, [2, "😁"]]]);
  });

  test("undo takes a mended change back as a whole", () => {
    open("a😀b");
    change(2, 3, "😁"[1] ?? "");
    undo(view);
    expect(view.state.doc.toString()).toBe("a😀b");
    expect(told().at(-1)).toEqual([1, [2, "😀"], 1]);
  });

  test("usual typing is left alone", () => {
    open("a😀b");
    change(3, 3, "x");
    expect(told()).toEqual([[3, [0, "x"], 1]]);
  });

  test("what makes the text too long stays outside, and is told", () => {
    open("ab");
    change(2, 2, "x".repeat(99));
    expect(view.state.doc.toString()).toBe("ab");
    expect(onTyped).not.toHaveBeenCalled();
    expect(onTooLong).toHaveBeenCalledOnce();
    change(2, 2, "x".repeat(98));
    expect(view.state.doc.length).toBe(100);
  });

  test("a text that is too long already can be made shorter", () => {
    open("x".repeat(200));
    change(0, 50, "");
    expect(view.state.doc.length).toBe(150);
    expect(onTooLong).not.toHaveBeenCalled();
  });
});

describe("other people's cursors", () => {
  const mira = { session: "s1", userId: 2, name: "Mira", anchor: 1, head: 3 };

  test("show whose they are, and what is selected", () => {
    open("abcdef");
    showCursors(view, [mira, { ...mira, session: "s2", userId: 3, name: "Jonas", anchor: 6, head: 6 }]);
    const carets = view.dom.querySelectorAll<HTMLElement>(".cm-remoteCaret");
    const names = [...carets].map((caret) => caret.dataset.name);
    expect(names).toEqual(["Mira", "Jonas"]);
    expect(view.dom.querySelector(".cm-remoteSelection")?.textContent).toContain("bc");
  });

  test("add nothing to the text that is read out or copied", () => {
    open("abcdef");
    showCursors(view, [mira]);
    expect(view.contentDOM.textContent).toBe("abcdef");
  });

  test("move with the text and never become part of it", () => {
    open("abcdef");
    showCursors(view, [mira]);
    type(0, "12");
    expect(view.dom.querySelector(".cm-remoteSelection")?.textContent).toContain("bc");
    expect(view.state.doc.toString()).toBe("12abcdef");
  });

  test("outside of the text come to its end", () => {
    open("ab");
    showCursors(view, [{ ...mira, anchor: 90, head: 99 }]);
    expect(view.dom.querySelectorAll(".cm-remoteCaret")).toHaveLength(1);
  });

  test("go when nobody is left", () => {
    open("ab");
    showCursors(view, [mira]);
    showCursors(view, []);
    expect(view.dom.querySelector(".cm-remoteCaret")).toBeNull();
  });
});

describe("while an input method composes", () => {
  const compose = (isComposing: boolean) =>
    Object.defineProperty(view, "composing", { value: isComposing, configurable: true });

  test("what comes from elsewhere waits, and both end up the same", () => {
    vi.useFakeTimers();
    open("ab");
    let outside = "ab";
    onTyped.mockImplementation((changes) => {
      outside = applyTo(outside, changes);
    });
    const elsewhere = (at: number, insert: string) => {
      const changes = ChangeSet.of({ from: at, insert }, outside.length);
      outside = applyTo(outside, changes);
      applyFromElsewhere(view, changes);
    };
    compose(true);
    type(2, "c");
    elsewhere(0, "x");
    type(3, "d");
    elsewhere(1, "y");
    type(0, "z");
    expect(view.state.doc.toString()).toBe("zabcd");
    vi.runAllTimers();
    expect(view.state.doc.toString()).toBe("zabcd");
    compose(false);
    type(5, "e");
    vi.runAllTimers();
    expect(view.state.doc.toString()).toBe("xyzabcde");
    expect(outside).toBe("xyzabcde");
    vi.useRealTimers();
  });
});
