import type { DeviceDatabase, OpenDatabase } from "./deviceDatabase";

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

export function deviceSnapshots(database: DeviceDatabase, userId: number, clock: () => number): Snapshots {
  const keyOf = (name: string) => `${userId}:${name}`;
  return {
    read: (name) => database.use(async (open) => (await open.get("snapshots", keyOf(name)))?.value),
    keep: (name, value) =>
      database.use(async (open) => {
        await open.put("snapshots", { key: keyOf(name), userId, keptAt: clock(), value });
        await dropOldest(open, userId);
      }),
    remove: (name) => database.use((open) => open.delete("snapshots", keyOf(name))),
    forget: () =>
      database.use(async (open) => {
        const keys = await open.getAllKeysFromIndex("snapshots", "userId", userId);
        await Promise.all(keys.map((key) => open.delete("snapshots", key)));
      }),
  };
}

async function dropOldest(open: OpenDatabase, userId: number): Promise<void> {
  const keys = await open.getAllKeysFromIndex("snapshots", "userId", userId);
  if (keys.length <= MOST_KEPT) return;
  const kept = await open.getAllFromIndex("snapshots", "userId", userId);
  const oldest = kept.sort((a, b) => a.keptAt - b.keptAt).slice(0, keys.length - MOST_KEPT);
  await Promise.all(oldest.map((each) => open.delete("snapshots", each.key)));
}
