import { describe, expect, it } from "vitest";
import { Chance } from "../testing/chance";
import { differenceOf } from "./difference";
import { applyTo } from "./textChanges";

const PIECES = ["a line\n", "another\n", "\n", "x", "😀", "😁", "tail"];

function randomText(chance: Chance): string {
  return Array.from({ length: chance.below(12) }, () => chance.pick(PIECES)).join("");
}

describe("differenceOf", () => {
  it.each(Array.from({ length: 300 }, (_, seed) => seed))(
    "leads from one text to the other (seed %i)",
    (seed) => {
      const chance = new Chance(seed);
      const [before, after] = [randomText(chance), randomText(chance)];
      expect(applyTo(before, differenceOf(before, after))).toBe(after);
    },
  );

  it("touches only what differs", () => {
    expect(differenceOf("one\ntwo\nthree\n", "one\n2\nthree\nfour\n").toJSON()).toEqual([
      4,
      [3, "2"],
      7,
      [0, "four", ""],
    ]);
  });

  it("cuts through no surrogate pair", () => {
    expect(differenceOf("a😀b", "a😁b").toJSON()).toEqual([1, [2, "😁"], 1]);
  });

  it("manages texts that have nothing in common", () => {
    const [before, after] = ["a\n".repeat(3_000), "b\n".repeat(3_000)];
    expect(applyTo(before, differenceOf(before, after))).toBe(after);
  });
});
