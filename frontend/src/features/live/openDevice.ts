import { openDeviceDatabase } from "../../realtime/deviceDatabase";
import { IndexedOutbox } from "../../realtime/indexedOutbox";
import { MemoryOutbox, type OutboxStore } from "../../realtime/outboxStore";
import { deviceSnapshots, noSnapshots, type Snapshots } from "../../realtime/snapshots";

const OPEN_WITHIN_MS = 3_000;

export interface Device {
  outbox: OutboxStore;
  snapshots: Snapshots;
}

/** What this browser can keep for this person; memory where it keeps nothing (a private window, a full disk). */
export async function openDevice(userId: number): Promise<Device> {
  try {
    const database = await within(OPEN_WITHIN_MS, openDeviceDatabase());
    return { outbox: new IndexedOutbox(database), snapshots: deviceSnapshots(database, userId, Date.now) };
  } catch {
    return { outbox: new MemoryOutbox(), snapshots: noSnapshots };
  }
}

/** Some browsers let an opening hang for ever. */
function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error("The device's database does not open.")), ms);
  });
  return Promise.race([promise, late]);
}
