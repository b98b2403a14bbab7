import { useEffect, useSyncExternalStore } from "react";

export interface Lazy<T> {
  /** What was loaded, or undefined until then; loading starts the first time that someone wants it. */
  useWhen(wanted: boolean): T | undefined;
}

/** Something that is fetched when it is first needed; a failed fetch is tried again by the next one who wants it. */
export function lazily<T>(load: () => Promise<T>): Lazy<T> {
  let loaded: T | undefined;
  let loading = false;
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const start = async (): Promise<void> => {
    if (loading || loaded !== undefined) return;
    loading = true;
    try {
      loaded = await load();
      for (const listener of listeners) listener();
    } catch {
      // Without the network the text stays readable as it is.
    } finally {
      loading = false;
    }
  };
  return {
    useWhen(wanted) {
      useEffect(() => {
        if (wanted) void start();
      }, [wanted, start]);
      return useSyncExternalStore(subscribe, () => (wanted ? loaded : undefined));
    },
  };
}
