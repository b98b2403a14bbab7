/** Figures of the server as people say them. Pure. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "3 days 4 hours", "5 minutes", "less than a minute": the two largest units. */
export function durationWords(ms: number): string {
  if (ms < MINUTE_MS) return "less than a minute";
  const parts = [
    counted(Math.floor(ms / DAY_MS), "day"),
    counted(Math.floor((ms % DAY_MS) / HOUR_MS), "hour"),
    counted(Math.floor((ms % HOUR_MS) / MINUTE_MS), "minute"),
  ];
  return parts.filter(Boolean).slice(0, 2).join(" ");
}

function counted(count: number, unit: string): string {
  if (count === 0) return "";
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** The bound that a time did not exceed. */
export function withinWords(ms: number | null): string {
  if (ms === null) return "nothing was saved";
  return ms < 1000
    ? `within ${Number(ms.toPrecision(2))} ms`
    : `within ${Number((ms / 1000).toPrecision(2))} s`;
}

/** "2 queued, 1 importing"; the states as the server names them. */
export function countsWords(counts: Readonly<Record<string, number>>, nothing: string): string {
  const words = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state.replaceAll("_", " ")}`);
  return words.length === 0 ? nothing : words.join(", ");
}
