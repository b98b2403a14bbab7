import { expect, test } from "vitest";
import { dateGroup, shortTime } from "./time";

const NOW = new Date(2026, 2, 18, 15, 0).getTime();
const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).getTime();

test.each([
  [at(2026, 2, 18, 15, 0), "now", "Today"],
  [at(2026, 2, 18, 15, 20), "now", "Today"],
  [at(2026, 2, 18, 14, 55), "5 min", "Today"],
  [at(2026, 2, 18, 0, 30), "14 h", "Today"],
  [at(2026, 2, 17, 23, 59), "Tue", "Yesterday"],
  [at(2026, 2, 12), "Thu", "Last 7 days"],
  [at(2026, 2, 11), "11 Mar", "March"],
  [at(2026, 0, 2), "2 Jan", "January"],
  [at(2024, 11, 31), "Dec 2024", "December 2024"],
])("%i is %s, in %s", (moment, short, group) => {
  expect(shortTime(moment, NOW, "en-GB")).toBe(short);
  expect(dateGroup(moment, NOW, "en-GB")).toBe(group);
});
