import type { DeviceDatabase } from "./deviceDatabase";

const MOST_KEPT = 30;

/** What was read from the server, kept on this device so that the page can open without a network. */
export interface Snapshots {
  read(name: string): Promise<unknown>;
  keep(name: string, value: unknown): Promise<void>;
  /** No copy stays of what this person may not see any more. */
  remove(name: string): Promise<void>;
  /** Everything of this person, for when they sign out. */
  forget(): Promise<void>;
}

export const noSnapshots: Snapshots = {
  read: () => Promise.resolve(undefined),
  keep: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  forget: () => Promise.resolve(),
};

export function deviceSnapshots(database: DeviceDatabase, userId: number, clock: () => number): Snapshots {
  const keyOf = (name: string) => `${userId}:${name}`;
  return {
    async read(name) {
      return (await database.get("snapshots", keyOf(name)))?.value;
    },
    async keep(name, value) {
      await database.put("snapshots", { key: keyOf(name), userId, keptAt: clock(), value });
      await dropOldest(database, userId);
    },
    async remove(name) {
      await database.delete("snapshots", keyOf(name));
    },
    async forget() {
      const keys = await database.getAllKeysFromIndex("snapshots", "userId", userId);
      await Promise.all(keys.map((key) => database.delete("snapshots", key)));
    },
  };
}

async function dropOldest(database: DeviceDatabase, userId: number): Promise<void> {
  const keys = await database.getAllKeysFromIndex("snapshots", "userId", userId);
  if (keys.length <= MOST_KEPT) return;
  const kept = await database.getAllFromIndex("snapshots", "userId", userId);
  const oldest = kept.sort((a, b) => a.keptAt - b.keptAt).slice(0, keys.length - MOST_KEPT);
  await Promise.all(oldest.map((each) => database.delete("snapshots", each.key)));
}
