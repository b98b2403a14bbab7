import { describe, expect, it } from "vitest";
import { afterDrainMs, fullJitterMs } from "./backoff";

describe("fullJitterMs", () => {
  it.each([0, 1, 2, 5, 10, 1_000])("lies anywhere between nothing and the limit (attempt %i)", (attempt) => {
    const limitMs = Math.min(30_000, 1_000 * 2 ** attempt);
    expect(fullJitterMs(attempt, 0)).toBe(0);
    expect(fullJitterMs(attempt, 0.5)).toBe(limitMs / 2);
    expect(fullJitterMs(attempt, 0.999_999)).toBeLessThanOrEqual(limitMs);
  });
});

describe("afterDrainMs", () => {
  it("is never earlier than asked, and spreads", () => {
    expect(afterDrainMs(5_000, 0)).toBe(5_000);
    expect(afterDrainMs(5_000, 0.5)).toBe(7_500);
    expect(afterDrainMs(0, 0.5)).toBe(500);
  });
});
