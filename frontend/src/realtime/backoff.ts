const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** How long to wait before the next attempt: anywhere up to a limit that doubles, so that no two clients meet. */
export function fullJitterMs(attempt: number, random: number): number {
  return Math.round(random * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)));
}

/** After the server has said when to come back: not before, and spread over as long again. */
export function afterDrainMs(retryAfterMs: number, random: number): number {
  return Math.round(retryAfterMs + random * Math.max(FIRST_MS, retryAfterMs));
}
