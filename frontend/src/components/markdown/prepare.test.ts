import { describe, expect, test } from "vitest";
import { prepareMarkdown, stripCitationMarks } from "./prepare";

describe("citation marks", () => {
  test.each([
    ["see \ue200cite\ue202turn0search0\ue201.", "see ."],
    ["see \ue200cite\ue202turn0search0\ue202turn0search1\ue201 here", "see  here"],
    ["cut off \ue200cite", "cut off cite"],
    ["fact 【1†source】.", "fact."],
    ["fact【12:3†report.pdf】", "fact"],
    ["日本語の【重要】です", "日本語の【重要】です"],
  ])("%j becomes %j", (text, expected) => {
    expect(stripCitationMarks(text)).toBe(expected);
  });
});

describe("maths", () => {
  test.each([
    ["\\(a\\) and \\( b \\)", "$$a$$ and $$b$$"],
    ["\\[\na + b\n\\]", "$$\na + b\n$$"],
    ["\\[ a \\]", "$$\na\n$$"],
    ["$$E=mc^2$$", "$$\nE=mc^2\n$$"],
    ["energy $E$ here", "energy $$E$$ here"],
  ])("%j becomes %j", (text, expected) => {
    expect(prepareMarkdown(text)).toBe(expected);
  });

  test.each([
    "it costs $5 and $10",
    "$5-$10",
    "US$5 or A$6",
    "`$x$` and ```$y$```",
    "```\n\\(a\\) $x$ 【1†s】\n```",
    "~~~\n$x$",
    "escaped \\$x\\$",
  ])("%j stays as it is", (text) => {
    expect(prepareMarkdown(text)).toBe(text);
  });

  test("text after code is still read", () => {
    expect(prepareMarkdown("`a` $x$ ``b`` $y$")).toBe("`a` $$x$$ ``b`` $$y$$");
  });
});
