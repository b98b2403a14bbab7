import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { OutboxRecord } from "./outboxStore";

/** A thing that was read from the server, kept to be shown without it. */
export interface KeptSnapshot {
  key: string;
  userId: number;
  keptAt: number;
  value: unknown;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxRecord; indexes: { userId: number } };
  snapshots: { key: string; value: KeptSnapshot; indexes: { userId: number } };
}

export type DeviceDatabase = IDBPDatabase<Schema>;

const VERSION = 1;

/** Opens the page's database on this device; rejects where the browser keeps none. */
export async function openDeviceDatabase(name = "chatsynth"): Promise<DeviceDatabase> {
  return await openDB<Schema>(name, VERSION, {
    upgrade(database) {
      database.createObjectStore("outbox", { keyPath: "key" }).createIndex("userId", "userId");
      database.createObjectStore("snapshots", { keyPath: "key" }).createIndex("userId", "userId");
    },
    // A newer page in another tab wants to change the database: step aside, it opens again on the next load.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
    },
  });
}
