import { undo } from "@codemirror/commands";
import { ChangeSet } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { showCursors } from "./remoteCursors";
import { applyFromElsewhere, createTextEditor } from "./textEditor";

const onTyped = vi.fn<(changes: ChangeSet) => void>();
let view: EditorView;

function open(text: string): void {
  view = createTextEditor(document.body, {
    text,
    label: "Message",
    onTyped,
    onCursor: () => undefined,
    onBlur: () => undefined,
    onDone: () => undefined,
  });
}

function type(at: number, insert: string): void {
  view.dispatch({ changes: { from: at, insert }, userEvent: "input.type" });
}

beforeEach(() => onTyped.mockReset());
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

test("positions are those of the stored text, whatever its line ends", () => {
  open("a\r\nb\rc\nd");
  expect(view.state.doc.length).toBe(8);
  expect(view.state.doc.toString()).toBe("a\r\nb\rc\nd");
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
