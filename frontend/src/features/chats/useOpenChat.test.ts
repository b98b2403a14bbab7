import { expect, test } from "vitest";
import { placeAfterStep } from "./useOpenChat";

test.each([
  [2, 1, 3],
  [3, -1, 1],
  [2, -1, null],
  [1, -1, undefined],
  [4, 1, undefined],
  [9, 1, undefined],
] as [number, -1 | 1, number | null | undefined][])(
  "message %i moved by %i comes after %j",
  (id, step, after) => {
    expect(placeAfterStep([1, 2, 3, 4], id, step)).toBe(after);
  },
);
