/** Which tabs are alive, so that what a closed one has left can be sent by another. */
import { randomName } from "./names";

const BEAT_MS = 2_000;
/** Tabs in the background are woken once a minute. */
const DEAD_AFTER_MS = 90_000;

export interface Tabs {
  readonly id: string;
  /** Calls back once, when that tab is gone; at once when it is gone already. */
  whenGone(tabId: string, then: () => void): void;
  close(): void;
}

/** Each tab holds a lock by its name as long as it lives. Web Locks exist on https and localhost only. */
export function openTabs(clock: () => number = Date.now): Tabs {
  return "locks" in navigator ? lockedTabs(navigator.locks) : beatingTabs(clock);
}

const lockName = (id: string) => `chatsynth:tab:${id}`;

export function lockedTabs(locks: LockManager): Tabs {
  const id = randomName();
  const closing = new AbortController();
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  locks.request(lockName(id), () => closed).catch(() => {});
  return {
    id,
    whenGone(tabId, then) {
      locks.request(lockName(tabId), { signal: closing.signal }, then).catch(() => {}); // aborted by close()
    },
    close() {
      closing.abort();
      close();
    },
  };
}

/** Where there are no locks, each tab writes down that it lives. */
function beatingTabs(clock: () => number): Tabs {
  const id = randomName();
  const waiting = new Map<string, () => void>();
  const beat = () => {
    write(lockName(id), String(clock()));
    for (const [tabId, then] of waiting) {
      if (!isGone(tabId, clock())) continue;
      waiting.delete(tabId);
      then();
    }
  };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  const close = () => {
    clearInterval(timer);
    localStorage.removeItem(lockName(id));
  };
  window.addEventListener("pagehide", () => localStorage.removeItem(lockName(id)));
  return {
    id,
    whenGone(tabId, then) {
      if (isGone(tabId, clock())) then();
      else waiting.set(tabId, then);
    },
    close,
  };
}

function isGone(tabId: string, nowMs: number): boolean {
  const beatAt = localStorage.getItem(lockName(tabId));
  return beatAt === null || nowMs - Number(beatAt) > DEAD_AFTER_MS;
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Full: other tabs will think that this one is gone, which costs a second sending that takes no effect.
  }
}
