import type { Snapshots } from "../realtime/snapshots";

/** A device whose copies a test can look at. */
export function snapshotsIn(copies: Map<string, unknown>): Snapshots {
  return {
    read: async (name) => copies.get(name),
    keep: async (name, value) => void copies.set(name, value),
    remove: async (name) => void copies.delete(name),
    forget: async () => copies.clear(),
  };
}
