import { useEffect, useSyncExternalStore } from "react";

/** Something that is fetched when it is first needed; a failed fetch is tried again by the next one who wants it. */
export class Lazy<T> {
  private loaded: T | undefined;
  private loading = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly load: () => Promise<T>) {}

  readonly value = (): T | undefined => this.loaded;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  async start(): Promise<void> {
    if (this.loading || this.loaded !== undefined) return;
    this.loading = true;
    try {
      this.loaded = await this.load();
      for (const listener of this.listeners) listener();
    } catch {
      // Without the network the text stays readable as it is.
    } finally {
      this.loading = false;
    }
  }
}

/** What was loaded, or undefined until then and while it is not wanted; being wanted starts the loading. */
export function useLazy<T>(lazy: Lazy<T>, wanted: boolean): T | undefined {
  useEffect(() => {
    if (wanted) void lazy.start();
  }, [lazy, wanted]);
  const value = useSyncExternalStore(lazy.subscribe, lazy.value);
  return wanted ? value : undefined;
}
