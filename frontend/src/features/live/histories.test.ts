/**
 * The golden histories, made by the real server (tests/wire/histories.py), through the whole page without its screen:
 * an old snapshot with the entries after it shows what a fresh snapshot shows (promises P4 and P5, rule ENT2).
 */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatEntry, UserEntry } from "../../api/wire";
import { createStore, type Store } from "../../app/store";
import { Outbox } from "../../realtime/outbox";
import { LiveSocket } from "../../realtime/socket";
import { type ChatHistory, GoldenServer, GoldenSocket, type UserHistory } from "../../testing/goldenServer";
import { MemoryOutbox } from "../../testing/memoryOutbox";
import { snapshotsIn } from "../../testing/memorySnapshots";
import { chatFromSnapshot, type OpenChat } from "../chats/chat";
import { selectChat } from "../chats/chatsSlice";
import { type LibraryView, loadMoreChats, selectLibrary } from "../library/librarySlice";
import { selectNotifications, selectUnread } from "../notifications/notificationsSlice";
import { LiveCore } from "./liveCore";

const read = <T>(name: string): T[] => JSON.parse(readFileSync(`../tests/wire/${name}.json`, "utf8")) as T[];
const OF_CHATS = read<ChatHistory>("chat_histories");
const OF_PEOPLE = read<UserHistory>("user_histories");

/** The compiler refuses these when there is a new kind of entry, and then the histories must tell of it. */
const CHAT_KINDS: Record<ChatEntry["type"], true> = {
  chat_updated: true,
  chat_created: true,
  chat_retitled: true,
  chat_archived: true,
  chat_deleted: true,
  chat_restored: true,
  message_added: true,
  message_removed: true,
  message_restored: true,
  message_moved: true,
  branch_selected: true,
  messages_imported: true,
  members_changed: true,
};
const USER_KINDS: Record<UserEntry["type"], true> = {
  chats_listed: true,
  chat_unlisted: true,
  notification: true,
  notifications_were_read: true,
};

const VIEWS: readonly LibraryView[] = ["library", "archived", "trash"];
const RESTS_MS = 1_000;

let closing: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", GoldenSocket);
});
afterEach(() => {
  for (const close of closing) close();
  closing = [];
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const rest = () => vi.advanceTimersByTimeAsync(RESTS_MS);

/** A tab of this person, with a connection. */
async function tab(userId: number, server: GoldenServer): Promise<{ core: LiveCore; store: Store }> {
  vi.stubGlobal("fetch", (url: string) => server.fetch(url));
  const nothing = () => {};
  const tabs = {
    id: "t",
    take: nothing,
    isTaken: () => false,
    renew: nothing,
    whenGone: nothing,
    close: nothing,
  };
  const outbox = new Outbox(new MemoryOutbox(), userId, tabs, {
    adopted: nothing,
    durability: nothing,
    takenOver: nothing,
    keptChanged: nothing,
  });
  const store = createStore();
  const core = new LiveCore({ store, user: { id: userId }, outbox, snapshots: snapshotsIn(new Map()) });
  let heard: ReturnType<LiveCore["attach"]> = {};
  const socket = new LiveSocket("ws://golden", {
    deliver: (frame) => heard.deliver?.(frame),
    lost: (channel) => heard.lost?.(channel),
    caughtUp: nothing,
    status: nothing,
    refused: nothing,
    away: nothing,
  });
  heard = core.attach(socket);
  await outbox.start();
  core.start();
  socket.start();
  await rest();
  closing.push(() => {
    core.close();
    socket.stop();
    outbox.close();
  });
  return { core, store };
}

/** What people see, and where it stands. */
function seen(chat: OpenChat | undefined) {
  if (!chat) return null;
  const { base: _base, pending: _pending, messages, ...rest } = chat;
  const shown = chat.order.map((id) => {
    const { at: _at, key: _key, ...message } = messages[id] ?? { at: 0, key: 0 };
    return message;
  });
  return { ...rest, shown };
}

describe("P5: a chat that follows the log is the fresh snapshot", () => {
  it.each(OF_CHATS)("$name", async ({ userId, before, entries, fresh }) => {
    const address = `/api/chats/${before.id}`;
    const server = new GoldenServer({ [address]: before });
    const { core, store } = await tab(userId, server);
    core.openChat(before.id);
    await rest();
    expect(seen(selectChat(store.getState(), before.id))).toEqual(seen(chatFromSnapshot(before)));
    server.pages[address] = fresh;
    server.tell(entries);
    await rest();
    expect(seen(selectChat(store.getState(), before.id))).toEqual(seen(chatFromSnapshot(fresh)));
    const mustLoad = entries.some(({ type }) => type === "branch_selected" || type === "messages_imported");
    expect(server.asked.filter((each) => each.startsWith(address))).toHaveLength(mustLoad ? 2 : 1);
  });
});

describe("P5: lists that follow the log are the fresh lists", () => {
  it.each(OF_PEOPLE)("$name", async ({ userId, before, entries, fresh }) => {
    const server = new GoldenServer(pagesOf(before));
    const { store } = await tab(userId, server);
    await loadAll(store);
    const count = server.asked.length;
    server.tell(entries);
    await rest();
    expect(server.asked).toHaveLength(count);
    const other = await tab(userId, new GoldenServer(pagesOf(fresh)));
    await loadAll(other.store);
    expect(listed(store)).toEqual(listed(other.store));
  });
});

function pagesOf(lists: UserHistory["before"]): Record<string, unknown> {
  const views = VIEWS.map((view) => [`/api/chats?view=${view}`, lists[view]]);
  return { ...Object.fromEntries(views), "/api/notifications": lists.notifications };
}

async function loadAll(store: Store): Promise<void> {
  for (const view of ["archived", "trash"] as const) await store.dispatch(loadMoreChats(view));
  await rest();
}

function listed(store: Store) {
  const state = store.getState();
  const views = VIEWS.map((view) => [view, selectLibrary(state, view)]);
  return { views, told: selectNotifications(state), unread: selectUnread(state) };
}

describe("every kind of entry", () => {
  const kindsIn = (histories: { entries: { type: string }[] }[]) =>
    new Set(histories.flatMap(({ entries }) => entries.map(({ type }) => type)));

  it("of a chat is in the golden histories", () => {
    expect(kindsIn(OF_CHATS)).toEqual(new Set(Object.keys(CHAT_KINDS)));
  });

  it("of a person is in the golden histories", () => {
    expect(kindsIn(OF_PEOPLE)).toEqual(new Set(Object.keys(USER_KINDS)));
  });
});
