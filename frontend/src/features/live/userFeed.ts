/** The person's own log: their list of chats and their notifications. */
import { isPassing, tryAgainMs } from "../../api/client";
import { accounts, chats, notifications } from "../../api/endpoints";
import type { ChatSummary, UserEntry } from "../../api/wire";
import type { Store } from "../../app/store";
import type { Snapshots } from "../../realtime/snapshots";
import { loadImports, selectImports } from "../imports/importsSlice";
import { isRunning } from "../imports/progress";
import {
  chatsListed,
  chatUnlisted,
  type LibraryView,
  libraryReloaded,
  libraryRestored,
  selectLibrary,
} from "../library/librarySlice";
import { notificationsRead, notificationsReloaded, notified } from "../notifications/notificationsSlice";

const KEPT = "library";
const MOST_KEPT = 500;
const KEEP_AFTER_MS = 2_000;

export interface UserFeedPorts {
  store: Store;
  snapshots: Snapshots;
  follow(channel: string, epoch: string, offset: number): void;
  /** The person may not see this chat any more. */
  unlisted(chatId: number): void;
}

export class UserFeed {
  readonly channel: string;
  private mustLoad = true;
  private isLoading = false;
  private keeping: ReturnType<typeof setTimeout> | null = null;

  constructor(
    userId: number,
    private readonly ports: UserFeedPorts,
  ) {
    this.channel = `user:${userId}`;
  }

  /** Shows what this device has kept, then what the server says. */
  async open(): Promise<void> {
    const { store, snapshots } = this.ports;
    const kept = (await snapshots.read(KEPT).catch(() => undefined)) as ChatSummary[] | undefined;
    if (kept) store.dispatch(libraryRestored({ chats: kept, offset: -1 }));
    await this.load();
  }

  async load(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      await this.loadAll();
      this.mustLoad = false;
    } catch (error) {
      this.mustLoad = true; // tried again with the next connection
      if (isPassing(error)) setTimeout(() => this.reconnected(), tryAgainMs());
    } finally {
      this.isLoading = false;
    }
  }

  /** States of imports are in no log: those that were told meanwhile are asked for. */
  reconnected(): void {
    const { store } = this.ports;
    if (this.mustLoad) void this.load();
    else if (selectImports(store.getState()).some(isRunning)) void store.dispatch(loadImports());
  }

  entry(entry: UserEntry): void {
    const { dispatch } = this.ports.store;
    const { offset } = entry;
    switch (entry.type) {
      case "chats_listed":
        dispatch(chatsListed({ chats: entry.chats, offset }));
        break;
      case "chat_unlisted":
        dispatch(chatUnlisted({ chatId: entry.chatId, offset }));
        this.ports.unlisted(entry.chatId);
        break;
      case "notification":
        dispatch(notified({ notification: entry.notification, offset }));
        break;
      case "notifications_were_read":
        dispatch(notificationsRead({ upTo: entry.upTo, readAt: entry.readAt, offset }));
        break;
    }
    this.keepSoon();
  }

  close(): void {
    this.mustLoad = false;
    if (this.keeping !== null) clearTimeout(this.keeping);
  }

  private async loadAll(): Promise<void> {
    const { store, follow } = this.ports;
    const views = store.getState().library.views;
    const opened = (["archived", "trash"] as LibraryView[]).filter((view) => views[view].next !== undefined);
    const [told, page] = await Promise.all([notifications.list(null), this.loadView("library")]);
    store.dispatch(notificationsReloaded(told));
    follow(this.channel, page.epoch, Math.min(page.offset, told.offset));
    await Promise.all([...opened.map((view) => this.loadView(view)), store.dispatch(loadImports())]);
    this.keepSoon();
  }

  private async loadView(view: LibraryView) {
    const page = await chats.list(view, null);
    this.ports.store.dispatch(libraryReloaded({ view, page }));
    return page;
  }

  private keepSoon(): void {
    this.keeping ??= setTimeout(() => {
      this.keeping = null;
      const newest = selectLibrary(this.ports.store.getState(), "library").slice(0, MOST_KEPT);
      this.ports.snapshots.keep(KEPT, newest).catch(() => {}); // it is only a copy
    }, KEEP_AFTER_MS);
  }
}

/** Asks whether the sign-in still stands, after a connection was refused without a reason that a browser can read. */
export async function isSignedOut(): Promise<boolean> {
  try {
    await accounts.me();
    return false;
  } catch (error) {
    return error instanceof Error && "status" in error && error.status === 401;
  }
}
