import { ChangeSet } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { Chance } from "../testing/chance";
import { applyTo, changesToJson, splitChanges } from "./textChanges";

const TEXT = "The harbour at dawn. 😀 A quiet place.";

/** Whole characters anywhere in the text. */
function someChanges(chance: Chance): ChangeSet {
  let changes = ChangeSet.empty(TEXT.length);
  let text = TEXT;
  for (let count = chance.below(6); count >= 0; count--) {
    const characters = [...text];
    const [a, b] = [chance.below(characters.length + 1), chance.below(characters.length + 1)];
    const place = (at: number) => characters.slice(0, at).join("").length;
    const insert = "ab😀\n\u0001".repeat(chance.below(4));
    const more = ChangeSet.of(
      { from: place(Math.min(a, b)), to: place(Math.max(a, b)), insert },
      text.length,
    );
    changes = changes.compose(more);
    text = applyTo(text, more);
  }
  return changes;
}

/** The list itself, and what is kept at its end. */
const BESIDE = 2;
const valuesIn = (json: unknown): number =>
  Array.isArray(json) ? json.reduce((count, each) => count + valuesIn(each), 1) : 1;

describe("splitting a change set", () => {
  it("that fits changes nothing", () => {
    const changes = ChangeSet.of({ from: 3, insert: "x" }, TEXT.length);
    expect(splitChanges(changes, { bytes: 1_000, values: 100 })).toEqual([changes, null]);
  });

  it.each(Array.from({ length: 200 }, (_, index) => index))(
    "makes the same text in small steps (seed %i)",
    (seed) => {
      const chance = new Chance(seed);
      const changes = someChanges(chance);
      const most = { bytes: 60 + chance.below(100), values: 6 + chance.below(10) };
      let [text, rest]: [string, ChangeSet | null] = [TEXT, changes];
      for (let steps = 0; rest !== null; steps++) {
        expect(steps).toBeLessThan(200);
        const [first, later]: [ChangeSet, ChangeSet | null] = splitChanges(rest, most);
        expect(JSON.stringify(changesToJson(first)).length).toBeLessThan(most.bytes + 40);
        expect(valuesIn(changesToJson(first))).toBeLessThanOrEqual(most.values + BESIDE);
        text = applyTo(text, first);
        expect(() => encodeURIComponent(text), "half a surrogate pair").not.toThrow();
        rest = later;
      }
      expect(text).toBe(applyTo(TEXT, changes));
    },
  );

  it("takes a large paste apart", () => {
    const changes = ChangeSet.of({ from: 0, insert: "x".repeat(100_000) }, TEXT.length);
    const [first, rest] = splitChanges(changes, { bytes: 30_000, values: 1_000 });
    expect(first.newLength - first.length).toBeGreaterThan(4_900);
    expect(rest?.newLength).toBe(changes.newLength);
  });

  it("takes a paste of very many lines apart", () => {
    const changes = ChangeSet.of({ from: 0, insert: "\n".repeat(250_000) }, TEXT.length);
    const [first, rest] = splitChanges(changes, { bytes: 4_000_000, values: 100_000 });
    expect(valuesIn(changesToJson(first))).toBeLessThanOrEqual(100_000 + BESIDE);
    expect(first.newLength - first.length).toBeGreaterThan(99_000);
    expect(rest?.newLength).toBe(changes.newLength);
  });
});
