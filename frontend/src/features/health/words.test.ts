import { expect, test } from "vitest";
import { countsWords, durationWords, withinWords } from "./words";

test.each([
  [0, "less than a minute"],
  [60_000, "1 minute"],
  [3_600_000 * 2 + 60_000, "2 hours 1 minute"],
  [86_400_000, "1 day"],
  [86_400_000 * 3 + 3_600_000 * 4 + 60_000, "3 days 4 hours"],
])("%d ms are %j", (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

test.each([
  [null, "nothing was saved"],
  [2.5, "within 2.5 ms"],
  [131.072, "within 130 ms"],
  [2500, "within 2.5 s"],
])("%d is %j", (ms, words) => {
  expect(withinWords(ms)).toBe(words);
});

test("counts leave out what is not there", () => {
  expect(countsWords({ queued: 2, done: 0, slow_reader: 1 }, "none")).toBe("2 queued, 1 slow reader");
  expect(countsWords({}, "none")).toBe("none");
});
