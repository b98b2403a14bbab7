import { expect, test } from "vitest";
import { memoryWords, saveWords, signedOutWords, statusWords, type Waiting } from "./words";

const OFFLINE = { kind: "offline", retryAtMs: 0 } as const;
const waiting = (count: number, kept: number, durability: Waiting["durability"] = "device"): Waiting => {
  return { count, kept, durability };
};

test("offline says how much is kept, and where", () => {
  expect(statusWords(OFFLINE, waiting(0, 0)).words).toBe("Offline");
  expect(statusWords(OFFLINE, waiting(3, 3)).words).toBe("Offline · 3 kept on this device");
  expect(statusWords(OFFLINE, waiting(1, 1)).detail).toContain("1 change is kept on this device");
});

test("nothing is called kept before the device has it", () => {
  for (const durability of ["device", "memory"] as const) {
    const { words, detail } = statusWords(OFFLINE, waiting(3, 2, durability));
    expect(`${words} ${detail}`).not.toContain("kept");
  }
  expect(statusWords(OFFLINE, waiting(3, 2, "memory")).words).toBe("Offline · 1 only in this tab");
  expect(memoryWords(waiting(3, 2, "memory"))).toContain("1 change is in this tab only. Keep it open");
  expect(saveWords("unkept")).not.toContain("ept");
  expect(saveWords("keeping")).not.toContain("ept ");
});

test("live is only called saved when nothing is on its way", () => {
  expect(statusWords({ kind: "live" }, waiting(0, 0)).detail).toContain("saved");
  expect(statusWords({ kind: "live" }, waiting(2, 2)).detail).not.toContain("saved");
});

test("signed out says why, and what becomes of what was typed", () => {
  const status = { kind: "signed_out", reason: "This account is disabled." } as const;
  expect(statusWords(status, waiting(0, 0)).detail).toBe("This account is disabled.");
  expect(signedOutWords(waiting(0, 0))).toBe("");
  expect(signedOutWords(waiting(1, 1))).toContain("kept on this device");
  expect(signedOutWords(waiting(1, 0, "memory"))).not.toContain("kept");
});
