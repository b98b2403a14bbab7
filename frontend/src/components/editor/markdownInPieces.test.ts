import { describe, expect, it } from "vitest";
import { MOST_UNITS, markdownInPieces } from "./markdownInPieces";

const WORDS = "The **tide** and `the moon`, [hour](https://x.example) by hour. ";
const { parser } = markdownInPieces().language;

/** How long the longest block is that is read in one go. */
function longestBlock(text: string): number {
  let longest = 0;
  parser.parse(text).iterate({
    enter: ({ name, from, to }) => {
      if (name === "Paragraph") longest = Math.max(longest, to - from);
    },
  });
  return longest;
}

function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  parser.parse(text).iterate({ enter: ({ name }) => void names.add(name) });
  return names;
}

describe("a key costs no more than its block", () => {
  it.each([
    ["paragraph", `${WORDS}\n`.repeat(5_000)],
    ["quotation", `> ${WORDS}\n`.repeat(5_000)],
    ["item of a list", `- ${WORDS}\n${`  ${WORDS}\n`.repeat(5_000)}`],
  ])("in one %s of 300,000 characters", (_name, text) => {
    expect(text.length).toBeGreaterThan(300_000);
    expect(longestBlock(text)).toBeGreaterThan(MOST_UNITS / 2);
    expect(longestBlock(text)).toBeLessThan(MOST_UNITS * 1.1); // with the marks before each line
    expect(namesIn(text)).toContain("StrongEmphasis");
  });

  it("in one line, which is not looked into", () => {
    const text = `Before.\n${WORDS.repeat(5_000)}\nAfter, *at last*.`;
    expect(namesIn(text)).toEqual(new Set(["Document", "Paragraph", "LongLine", "Emphasis", "EmphasisMark"]));
  });
});

it("reads usual texts as they are meant", () => {
  const names = namesIn(
    `# Title\n\n${WORDS.repeat(20)}\n\n- one\n- [x] two\n\n| a | b |\n|---|---|\n| 1 | 2 |`,
  );
  expect(names).toContain("Table");
  expect(names).toContain("Task");
  expect(names).not.toContain("LongLine");
});
