import { expect, test } from "vitest";
import { snippetPieces } from "./snippet";

test.each([
  ["no mark", [["no mark", false]]],
  [
    "a \ue000hit\ue001 b",
    [
      ["a ", false],
      ["hit", true],
      [" b", false],
    ],
  ],
  [
    "\ue000x\ue001\ue000y\ue001",
    [
      ["x", true],
      ["y", true],
    ],
  ],
  [
    "cut \ue000off",
    [
      ["cut ", false],
      ["off", true],
    ],
  ],
  ["stray \ue001 end", [["stray  end", false]]],
  ["", []],
] as [string, [string, boolean][]][])("%j is shown as marked", (snippet, expected) => {
  expect(snippetPieces(snippet).map(({ text, isHit }) => [text, isHit])).toEqual(expected);
});
