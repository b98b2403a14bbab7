import { describe, expect, it } from "vitest";
import type { Chat, ChatEntry, Command, Message } from "../../api/wire";
import { createStore, type RootState } from "../../app/store";
import { addNotification, updateChat } from "../../store/actions";
import { applyEntry } from "./applyEntry";
import { chatFromSnapshot } from "./chat";
import {
  commandAcked,
  commandQueued,
  commandRefused,
  entryApplied,
  messageNumbered,
  pageLoaded,
  selectChat,
  selectMessage,
  selectMessageIds,
  snapshotLoaded,
} from "./chatsSlice";

function message(id: number, content = `text ${id}`): Message {
  const nothing = { author: null, model: null, createdAt: 1, editedAt: null };
  return { id, role: "user", content, parts: [], hidden: false, siblings: [], ...nothing };
}

function part(at: number): Message["parts"][number] {
  const nothing = {
    text: null,
    title: null,
    name: null,
    url: null,
    language: null,
    summary: null,
    alt: null,
  };
  const more = {
    kind: null,
    mimeType: null,
    size: null,
    width: null,
    height: null,
    isError: null,
    json: null,
  };
  return { type: "citation", at, ...nothing, ...more };
}

const SNAPSHOT: Chat = {
  id: 1,
  title: "Old title",
  platform: null,
  role: "owner",
  channel: "chat:1",
  epoch: "e",
  offset: 10,
  createdAt: 1,
  updatedAt: 2,
  archivedAt: null,
  deletedAt: null,
  members: [],
  messages: [message(1), { ...message(2), parts: [part(0), part(3)] }, message(3)],
  messageCount: 3,
  next: null,
};

type Body<T> = T extends ChatEntry ? Omit<T, "channel" | "offset" | "op" | "by" | "at"> : never;

function entry(body: Body<ChatEntry>, offset = 11, op: string | null = null): ChatEntry {
  return { channel: "chat:1", offset, op, by: 1, at: 99, ...body } as ChatEntry;
}

const [one, two, three] = SNAPSHOT.messages as [Message, Message, Message];
const member = { userId: 2, name: "Ben", email: "b@example.org", role: "editor" } as const;
const edited: Message = {
  ...two,
  content: "textX 2",
  editedAt: 99,
  parts: [part(0), part(3)],
};

/** For every kind of entry: the fresh snapshot that the server gives at offset 11. */
const KINDS: [string, Body<ChatEntry>, Partial<Chat>][] = [
  [
    "chat_updated",
    { type: "chat_updated", chat: { id: 1, messageId: 2, changes: [4, [0, "X"], 2] } },
    { messages: [one, edited, three], updatedAt: 2 },
  ],
  [
    "chat_updated, typed where a part stands",
    { type: "chat_updated", chat: { id: 1, messageId: 2, changes: [[0, "ab"], 6] } },
    { messages: [one, { ...edited, content: "abtext 2", parts: [part(2), part(5)] }, three], updatedAt: 2 },
  ],
  ["chat_created", { type: "chat_created", title: "New" }, { title: "New" }],
  ["chat_retitled", { type: "chat_retitled", title: "New" }, { title: "New" }],
  ["chat_archived", { type: "chat_archived", archivedAt: 99 }, { archivedAt: 99 }],
  ["chat_deleted", { type: "chat_deleted", deletedAt: 99 }, { deletedAt: 99 }],
  ["chat_restored", { type: "chat_restored" }, { deletedAt: null }],
  [
    "message_added",
    { type: "message_added", message: message(4), after: 1 },
    { messages: [one, message(4), two, three], messageCount: 4 },
  ],
  [
    "message_added at the beginning",
    { type: "message_added", message: message(4), after: null },
    { messages: [message(4), one, two, three], messageCount: 4 },
  ],
  ["message_removed", { type: "message_removed", messageId: 2 }, { messages: [one, three], messageCount: 2 }],
  [
    "message_restored",
    { type: "message_restored", message: message(5), after: 3 },
    { messages: [one, two, three, message(5)], messageCount: 4 },
  ],
  ["message_moved", { type: "message_moved", messageId: 1, after: 3 }, { messages: [two, three, one] }],
  [
    "message_moved to the front",
    { type: "message_moved", messageId: 3, after: null },
    { messages: [three, one, two] },
  ],
];

/** What people see, and where it stands; `at` says only when each text was read. */
function seen(chat: ReturnType<typeof chatFromSnapshot>) {
  const { base: _base, pending: _pending, messages, ...rest } = chat;
  const texts = chat.order.map((id) => ({ ...messages[id], at: 0 }));
  return { ...rest, texts, count: Object.keys(messages).length };
}

it("a text that is edited a minute later moves its chat up", () => {
  const chat = structuredClone(chatFromSnapshot(SNAPSHOT));
  const typed = entry({ type: "chat_updated", chat: { id: 1, messageId: 2, changes: [6] } });
  applyEntry(chat, { ...typed, at: 60_002 });
  expect(chat.updatedAt).toBe(60_002);
});

describe("P4: old snapshot + entry == fresh snapshot", () => {
  it.each(KINDS)("%s", (_name, body, fresh) => {
    const chat = structuredClone(chatFromSnapshot(SNAPSHOT));
    applyEntry(chat, entry(body));
    expect(seen(chat)).toEqual(seen(chatFromSnapshot({ ...SNAPSHOT, offset: 11, updatedAt: 99, ...fresh })));
  });

  it("members_changed changes the people, and not the time", () => {
    const chat = structuredClone(chatFromSnapshot(SNAPSHOT));
    applyEntry(chat, entry({ type: "members_changed", members: [member] }));
    expect(seen(chat)).toEqual(seen(chatFromSnapshot({ ...SNAPSHOT, offset: 11, members: [member] })));
  });

  it("takes each entry once", () => {
    const chat = structuredClone(chatFromSnapshot(SNAPSHOT));
    const typed = entry({ type: "chat_updated", chat: { id: 1, messageId: 1, changes: [6, [0, "!"]] } });
    applyEntry(chat, typed);
    applyEntry(chat, typed);
    expect(chat.messages[1]?.content).toBe("text 1!");
  });
});

function open() {
  const store = createStore();
  store.dispatch(snapshotLoaded({ page: SNAPSHOT, since: [], pending: [], texts: [] }));
  const queue = (op: string, command: Command) =>
    store.dispatch(commandQueued({ chatId: 1, value: { op, command, madeAt: 50, ackedAt: null } }));
  const apply = (body: Body<ChatEntry>, offset: number, op: string | null = null) =>
    store.dispatch(entryApplied({ chatId: 1, entry: entry(body, offset, op), view: "as_entry" }));
  return { store, queue, apply, state: (): RootState => store.getState() };
}

describe("commands on their way", () => {
  it("are shown at once and replaced by their entry", () => {
    const { store, queue, apply, state } = open();
    queue("op1", {
      type: "message_add",
      chat: { id: 1 },
      message: { role: "user", content: "new" },
      after: 1,
    });
    expect(selectMessageIds(state(), 1)).toEqual([1, "op1", 2, 3]);
    store.dispatch(messageNumbered({ op: "op1", messageId: 9, offset: 11 }));
    apply({ type: "message_added", message: message(9, "new"), after: 1 }, 11, "op1");
    expect(selectMessageIds(state(), 1)).toEqual([1, 9, 2, 3]);
    expect(selectMessage(state(), 1, 9)).toMatchObject({ id: 9, key: "op1", content: "new" });
    expect(selectChat(state(), 1)?.pending).toEqual([]);
  });

  it("do not disturb where others put things", () => {
    const { queue, apply, state } = open();
    queue("op1", { type: "message_move", chat: { id: 1, messageId: 1 }, after: 3 });
    expect(selectMessageIds(state(), 1)).toEqual([2, 3, 1]);
    apply({ type: "message_added", message: message(9), after: 1 }, 11);
    apply({ type: "message_moved", messageId: 1, after: 3 }, 12, "op1");
    expect(selectMessageIds(state(), 1)).toEqual([9, 2, 3, 1]);
  });

  it("are undone when the server refuses", () => {
    const { store, queue, state } = open();
    queue("op1", { type: "chat_retitle", chat: { id: 1, title: "Mine" } });
    queue("op2", {
      type: "message_add",
      chat: { id: 1 },
      message: { role: "user", content: "x" },
      after: "end",
    });
    store.dispatch(commandRefused({ chatId: 1, value: "op1" }));
    store.dispatch(commandRefused({ chatId: 1, value: "op2" }));
    expect(selectChat(state(), 1)).toMatchObject({ title: "Old title", order: [1, 2, 3] });
  });

  it("stay shown between their acknowledgement and their entry", () => {
    const { store, queue, apply, state } = open();
    queue("op1", { type: "chat_retitle", chat: { id: 1, title: "Mine" } });
    store.dispatch(commandAcked({ chatId: 1, op: "op1", offset: 12 }));
    apply({ type: "chat_retitled", title: "Theirs" }, 11);
    expect(selectChat(state(), 1)?.title).toBe("Mine");
    apply({ type: "chat_retitled", title: "Mine" }, 12, "op1");
    expect(selectChat(state(), 1)).toMatchObject({ title: "Mine", pending: [] });
  });
});

describe("pages", () => {
  it("read later than the first one take in only what they do not have", () => {
    const store = createStore();
    const first = { ...SNAPSHOT, messages: [one], next: "c" };
    store.dispatch(snapshotLoaded({ page: first, since: [], pending: [], texts: [] }));
    const typed = (offset: number) =>
      entry(
        { type: "chat_updated", chat: { id: 1, messageId: 2, changes: [5 + offset - 10, [0, "!"]] } },
        offset,
      );
    const page = { ...SNAPSHOT, offset: 11, messages: [{ ...two, content: "text 2!" }, three], next: null };
    store.dispatch(pageLoaded({ page, since: [typed(11), typed(12)], texts: [] }));
    expect(selectMessage(store.getState(), 1, 2)?.content).toBe("text 2!!");
    expect(selectChat(store.getState(), 1)).toMatchObject({ order: [1, 2, 3], loaded: "all" });
  });

  it("show the local view of texts with changes on their way", () => {
    const store = createStore();
    const texts = [{ messageId: 2, text: "typed here", at: 8 }];
    store.dispatch(snapshotLoaded({ page: SNAPSHOT, since: [], pending: [], texts }));
    expect(selectMessage(store.getState(), 1, 2)).toMatchObject({ content: "typed here", at: 8 });
  });
});

describe("the plain actions", () => {
  it("updateChat sets one message's text, or merges what is new in the chat", () => {
    const { store, state } = open();
    store.dispatch(updateChat({ id: 1, messageId: 2, content: "plain" }));
    store.dispatch(updateChat({ id: 1, title: "Plain title" }));
    expect(selectMessage(state(), 1, 2)?.content).toBe("plain");
    expect(selectChat(state(), 1)).toMatchObject({ title: "Plain title", order: [1, 2, 3] });
  });

  it("updateChat takes news of a chat that is not open", () => {
    const { store, state } = open();
    store.dispatch(updateChat({ id: 7, title: "Elsewhere" }));
    expect(selectChat(state(), 7)?.title).toBe("Elsewhere");
  });

  it("addNotification takes a plain message and the full form, each once", () => {
    const { store, state } = open();
    const full = { id: 4, level: "info", message: "Full", link: null, createdAt: 1, readAt: null } as const;
    store.dispatch(addNotification("Plain"));
    store.dispatch(addNotification(full));
    store.dispatch(addNotification(full));
    expect(state().notifications.list.map((each) => each.message)).toEqual(["Full", "Plain"]);
    expect(state().notifications).toMatchObject({
      unread: 2,
      toasts: [{ message: "Plain" }, { message: "Full" }],
    });
  });
});
