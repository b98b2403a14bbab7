/** Points in time as people say them. Pure: the present comes in by the door. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}

function daysBefore(nowMs: number, atMs: number): number {
  return Math.round((startOfDay(nowMs) - startOfDay(atMs)) / DAY_MS);
}

function isSameYear(aMs: number, bMs: number): boolean {
  return new Date(aMs).getFullYear() === new Date(bMs).getFullYear();
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than all that is shown with it. */
function formatOf(options: Intl.DateTimeFormatOptions, locale?: string): Intl.DateTimeFormat {
  const name = JSON.stringify([locale, options]);
  const known = formats.get(name) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(name, known);
  return known;
}

function dateWith(atMs: number, options: Intl.DateTimeFormatOptions, locale?: string): string {
  return formatOf(options, locale).format(atMs);
}

/** As short as it can be said: "now", "5 min", "3 h", "Tue", "12 Mar", "Mar 2024". */
export function shortTime(atMs: number, nowMs: number, locale?: string): string {
  const passed = nowMs - atMs;
  if (passed < MINUTE_MS) return "now";
  if (passed < HOUR_MS) return `${Math.floor(passed / MINUTE_MS)} min`;
  const days = daysBefore(nowMs, atMs);
  if (days === 0) return `${Math.floor(passed / HOUR_MS)} h`;
  if (days < 7) return dateWith(atMs, { weekday: "short" }, locale);
  if (isSameYear(atMs, nowMs)) return dateWith(atMs, { day: "numeric", month: "short" }, locale);
  return dateWith(atMs, { month: "short", year: "numeric" }, locale);
}

/** The whole of it: "Tuesday, 12 March 2024 at 14:05". */
export function fullTime(atMs: number, locale?: string): string {
  return formatOf({ dateStyle: "full", timeStyle: "short" }, locale).format(atMs);
}

/** The part of a list by date in which it stands: "Today", "Yesterday", "Last 7 days", "March", "March 2024". */
export function dateGroup(atMs: number, nowMs: number, locale?: string): string {
  const days = daysBefore(nowMs, atMs);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "Last 7 days";
  if (isSameYear(atMs, nowMs)) return dateWith(atMs, { month: "long" }, locale);
  return dateWith(atMs, { month: "long", year: "numeric" }, locale);
}
