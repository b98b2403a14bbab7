import { expect, test } from "vitest";
import { statusWords } from "./words";

test("offline says how much is kept, and where", () => {
  const offline = { kind: "offline", retryAtMs: 0 } as const;
  expect(statusWords(offline, 0, "device").words).toBe("Offline");
  expect(statusWords(offline, 3, "device").words).toBe("Offline · 3 kept on this device");
  expect(statusWords(offline, 3, "memory").words).not.toContain("kept on this device");
  expect(statusWords(offline, 1, "memory").detail).toContain("Keep it open");
});

test("live is only called saved when nothing is on its way", () => {
  expect(statusWords({ kind: "live" }, 0, "device").detail).toContain("saved");
  expect(statusWords({ kind: "live" }, 2, "device").detail).not.toContain("saved");
});

test("signed out says why", () => {
  const status = { kind: "signed_out", reason: "This account is disabled." } as const;
  expect(statusWords(status, 0, "device").detail).toBe("This account is disabled.");
});
