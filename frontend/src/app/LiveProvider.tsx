import { type ReactNode, useCallback, useEffect, useState } from "react";
import type { User } from "../api/wire";
import { chatsForgotten } from "../features/chats/chatsSlice";
import { durabilityFound } from "../features/connection/connectionSlice";
import { importsForgotten } from "../features/imports/importsSlice";
import { libraryForgotten } from "../features/library/librarySlice";
import { LiveContext } from "../features/live/LiveContext";
import { LiveCore } from "../features/live/liveCore";
import { notificationsForgotten } from "../features/notifications/notificationsSlice";
import { DeviceDatabase } from "../realtime/deviceDatabase";
import { IndexedOutbox } from "../realtime/indexedOutbox";
import { Outbox } from "../realtime/outbox";
import { deviceSnapshots } from "../realtime/snapshots";
import type { LiveSocket } from "../realtime/socket";
import { openTabs } from "../realtime/tabs";
import { useWebSocket } from "../realtime/useWebSocket";
import { useAppStore } from "./hooks";
import { registerServiceWorker } from "./serviceWorker";
import type { Store } from "./store";

interface Opened {
  core: LiveCore;
  close(): void;
}

/** Everything live for a signed-in person; all that uses `useLive` stands inside it. */
export function LiveProvider({ user, children }: { user: User; children: ReactNode }) {
  const store = useAppStore();
  const [core, setCore] = useState<LiveCore | null>(null);
  const { id } = user;
  useEffect(registerServiceWorker, []);
  useEffect(() => {
    let isGone = false;
    const opening = openLive(store, { id });
    opening.then((opened) => isGone || setCore(opened.core)).catch(() => {});
    return () => {
      isGone = true;
      setCore(null);
      opening.then((opened) => opened.close()).catch(() => {});
    };
  }, [store, id]);
  return core && <Connected {...{ core, userId: id, children }} />;
}

function Connected({ core, userId, children }: { core: LiveCore; userId: number; children: ReactNode }) {
  const attach = useCallback((socket: LiveSocket) => core.attach(socket), [core]);
  useWebSocket(userId, attach);
  return <LiveContext value={core}>{children}</LiveContext>;
}

async function openLive(store: Store, user: { id: number }): Promise<Opened> {
  const device = new DeviceDatabase();
  const snapshots = deviceSnapshots(device, user.id, Date.now);
  const outbox: Outbox = new Outbox(new IndexedOutbox(device), user.id, openTabs(), {
    adopted: (records) => core.adopt(records),
    durability: (durability) => store.dispatch(durabilityFound(durability)),
    takenOver: () => core.takenOver(),
    keptChanged: () => core.keptChanged(),
  });
  const core = new LiveCore({ store, user, outbox, snapshots });
  await outbox.start();
  core.start();
  const close = () => {
    core.close();
    outbox.close();
    forgetIfSignedOut(store, () => snapshots.forget());
  };
  return { core, close };
}

/** Another person may sign in on this device: what the page shows goes; what is not saved stays for its owner. */
function forgetIfSignedOut(store: Store, forgetSnapshots: () => Promise<void>): void {
  for (const forget of [chatsForgotten, libraryForgotten, notificationsForgotten, importsForgotten]) {
    store.dispatch(forget());
  }
  if (store.getState().session.me.kind === "signed_out") forgetSnapshots().catch(() => {});
}
