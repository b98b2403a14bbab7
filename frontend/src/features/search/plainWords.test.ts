import { expect, test } from "vitest";
import { plainWords } from "./plainWords";

test.each([
  ["## A **bold** `word` and *more*", "A bold word and more"],
  ["> - [x](https://a.example/b) ~~old~~", "x old"],
  ["see ![a cat](cat.png) here", "see a cat here"],
  ["| a | b |\n|---|:-:|\n| c | d |", " a b c d "],
  ["```python\nx = 2 * 3 ** y\n```", " x = 2 * 3 ** y "],
  ["cut off **in the midd", "cut off in the midd"],
  ["see [the tables…", "see the tables…"],
  ["see [the tables](https://tides…", "see the tables"],
  ["he leaves *nur", "he leaves nur"],
  ["**\ue000found\ue001** there", "\ue000found\ue001 there"],
  ["snake_case __init__ 2*3*4 a | b", "snake_case __init__ 2*3*4 a b"],
  ["1. one\n2) two\n\n+ three", "one two three"],
  ["$$E = mc^2$$", "E = mc^2"],
])("%j reads %j", (markdown, expected) => {
  expect(plainWords(markdown)).toBe(expected);
});

test("a long text of marks takes no time that grows faster than it", () => {
  for (const mark of ["*", "|-", "[", "`", "> ", "1. ", "![("]) plainWords(mark.repeat(20_000));
});
