import { useSyncExternalStore } from "react";

const TICK_MS = 30_000;
let nowMs = Date.now();
let ticking: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    nowMs = Date.now();
    ticking = setInterval(tick, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(ticking);
  };
}

/** The present in milliseconds, the same for everyone on the page, renewed twice a minute. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}
