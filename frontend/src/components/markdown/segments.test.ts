import { describe, expect, test } from "vitest";
import { segmentsOf } from "./segments";

const part = (name: string, at: number) => ({ name, at });

describe("text and parts in reading order", () => {
  test("parts stand where they were", () => {
    const text = "before\n\nafter";
    expect(segmentsOf(text, [part("a", 0), part("b", 8), part("c", 13)])).toEqual([
      { kind: "parts", parts: [part("a", 0)] },
      { kind: "text", from: 0, text: "before\n\n" },
      { kind: "parts", parts: [part("b", 8)] },
      { kind: "text", from: 8, text: "after" },
      { kind: "parts", parts: [part("c", 13)] },
    ]);
  });

  test("neighbours come together in their order, blank text between them is left out", () => {
    expect(segmentsOf("a\n\n\n", [part("x", 1), part("y", 3), part("z", 3)])).toEqual([
      { kind: "text", from: 0, text: "a" },
      { kind: "parts", parts: [part("x", 1), part("y", 3), part("z", 3)] },
    ]);
  });

  test("a code block is never cut", () => {
    const text = "```js\na\nb\n```\nafter";
    expect(segmentsOf(text, [part("x", 8)])).toEqual([
      { kind: "text", from: 0, text: "```js\na\nb\n```" },
      { kind: "parts", parts: [part("x", 8)] },
      { kind: "text", from: 13, text: "\nafter" },
    ]);
  });

  test("a word is never cut", () => {
    expect(segmentsOf("un**bro**ken line\nnext", [part("x", 5)])).toEqual([
      { kind: "text", from: 0, text: "un**bro**ken line" },
      { kind: "parts", parts: [part("x", 5)] },
      { kind: "text", from: 17, text: "\nnext" },
    ]);
  });

  test("offsets outside the text are brought to its ends", () => {
    expect(segmentsOf("ab", [part("x", 99), part("y", -1)])).toEqual([
      { kind: "parts", parts: [part("y", -1)] },
      { kind: "text", from: 0, text: "ab" },
      { kind: "parts", parts: [part("x", 99)] },
    ]);
  });

  test("text alone is one segment, nothing is none", () => {
    expect(segmentsOf("ab", [])).toEqual([{ kind: "text", from: 0, text: "ab" }]);
    expect(segmentsOf(" \n", [])).toEqual([]);
  });
});
