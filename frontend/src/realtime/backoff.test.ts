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

/** Seeded, so that a failure can be seen again. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function mostInASecond(timesMs: readonly number[]): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  sorted.forEach((timeMs, last) => {
    while ((sorted[first] ?? timeMs) <= timeMs - 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

describe.each([1, 2, 3])("5,000 clients that lose their server (seed %i)", (seed) => {
  const clients = Array.from({ length: 5_000 }, (_, number) => number);

  it("come back one after the other when it told them when", () => {
    const random = randoms(seed);
    const timesMs = clients.map((number) => afterDrainMs(1_000 + number, random()));
    expect(mostInASecond(timesMs)).toBeLessThan(800);
    expect(Math.max(...timesMs)).toBeLessThanOrEqual(12_000);
  });

  it.each([0, 3_000, 20_000])("come back without a herd when it died for %i ms", (goneMs) => {
    const random = randoms(seed);
    const firstAfter = clients.map(() => {
      let timeMs = 0;
      for (let attempt = 0; timeMs < goneMs || attempt === 0; attempt++)
        timeMs += fullJitterMs(attempt, random());
      return timeMs;
    });
    const limitMs = Math.min(30_000, Math.max(1_000, goneMs));
    expect(mostInASecond(firstAfter)).toBeLessThan((2 * clients.length * 1_000) / limitMs + 1);
    expect(Math.max(...firstAfter)).toBeLessThanOrEqual(goneMs + 30_000);
  });
});
