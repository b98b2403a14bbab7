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

export type OpenDatabase = IDBPDatabase<Schema>;

const VERSION = 1;
/** Some browsers let an opening or a write hang for ever. In steps, so that a sleep of the machine counts as one. */
const PATIENCE_MS = 500;
const STEPS = 6;

/** The page's database on this device: opened when it is needed, and again after the browser has closed it. */
export class DeviceDatabase {
  private opening: Promise<OpenDatabase> | null = null;
  private listener = () => {};

  constructor(private readonly name = "chatsynth") {}

  /** Hears when the browser has closed the database under the page: what was kept in it may be gone. */
  onClosed(listener: () => void): void {
    this.listener = listener;
  }

  /** Rejects where the browser keeps nothing, or does not answer in time. */
  use<T>(act: (database: OpenDatabase) => Promise<T>): Promise<T> {
    return inTime(this.attempt(act));
  }

  async close(): Promise<void> {
    const opening = this.opening;
    this.opening = null;
    (await opening)?.close();
  }

  private async attempt<T>(act: (database: OpenDatabase) => Promise<T>): Promise<T> {
    const opening = this.open();
    try {
      return await act(await opening);
    } catch (error) {
      if (!isClosed(error)) throw error;
      if (this.opening === opening) this.opening = null;
      return await act(await this.open());
    }
  }

  private open(): Promise<OpenDatabase> {
    if (this.opening) return this.opening;
    const opening = openDeviceDatabase(this.name, () => this.closed(opening));
    opening.catch(() => this.forget(opening));
    this.opening = opening;
    return opening;
  }

  private closed(opening: Promise<OpenDatabase>): void {
    this.forget(opening);
    this.listener();
  }

  private forget(opening: Promise<OpenDatabase>): void {
    if (this.opening === opening) this.opening = null;
  }
}

async function openDeviceDatabase(name: string, closed: () => void): Promise<OpenDatabase> {
  return await openDB<Schema>(name, VERSION, {
    upgrade(database) {
      database.createObjectStore("outbox", { keyPath: "key" }).createIndex("userId", "userId");
      database.createObjectStore("snapshots", { keyPath: "key" }).createIndex("userId", "userId");
    },
    // Another tab deletes the database, or a newer page there wants to change it: step aside.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      closed();
    },
    // The person has cleared the site's data, or the disk has failed.
    terminated: closed,
  });
}

const isClosed = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "InvalidStateError";

function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_resolve, reject) => {
    const wait = (steps: number) => {
      if (steps === 0) reject(new Error("The device's database does not answer."));
      else timer = setTimeout(() => wait(steps - 1), PATIENCE_MS);
    };
    wait(STEPS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
