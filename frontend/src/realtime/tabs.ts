/** Which tabs are alive, so that what a closed one has left can be sent by another. */
import { randomName } from "./names";

const BEAT_MS = 2_000;
/** Tabs in the background are woken once a minute. */
const DEAD_AFTER_MS = 90_000;

export interface Tabs {
  readonly id: string;
  /** Says that what this tab had kept is now another's, in case that it only sleeps. */
  take(tabId: string): void;
  /** True when another tab has said so of this one. */
  isTaken(): boolean;
  /** Goes on under another name. */
  renew(): void;
  /** Calls back once, when that tab is gone; at once when it is gone already. */
  whenGone(tabId: string, then: () => void): void;
  close(): void;
}

/** Each tab holds a lock by its name as long as it lives. Web Locks exist on https and localhost only. */
export function openTabs(clock: () => number = Date.now): Tabs {
  return "locks" in navigator ? lockedTabs(navigator.locks) : beatingTabs(clock);
}

const lockName = (id: string) => `chatsynth:tab:${id}`;
const takenName = (id: string) => `chatsynth:taken:${id}`;

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
    // A lock is lost with its tab only.
    take() {},
    isTaken: () => false,
    renew() {},
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
  let id = randomName();
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
    erase(lockName(id));
  };
  window.addEventListener("pagehide", () => erase(lockName(id)));
  return {
    get id() {
      return id;
    },
    take(tabId) {
      write(takenName(tabId), String(clock()));
      erase(lockName(tabId));
    },
    isTaken: () => read(takenName(id)) !== null,
    renew() {
      for (const name of [takenName(id), lockName(id)]) erase(name);
      id = randomName();
      beat();
    },
    whenGone(tabId, then) {
      if (isGone(tabId, clock())) then();
      else waiting.set(tabId, then);
    },
    close,
  };
}

function isGone(tabId: string, nowMs: number): boolean {
  const beatAt = read(lockName(tabId));
  return beatAt === null || nowMs - Number(beatAt) > DEAD_AFTER_MS;
}

// Where this storage is forbidden, so is the device's database: there is nothing that another tab could take.

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {}
}

function erase(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch {}
}
