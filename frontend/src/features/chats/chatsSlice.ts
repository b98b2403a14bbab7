import { createSelector, createSlice, type PayloadAction } from "@reduxjs/toolkit";
import type { Chat, ChatEntry, ChatId, MessageId } from "../../api/wire";
import { type ChangeJson, changesFrom } from "../../realtime/textChanges";
import { applyEntry, changeContent, dropPending, type ViewChange } from "./applyEntry";
import {
  type ChatMessage,
  chatFromSnapshot,
  emptyChat,
  messageAt,
  type OpenChat,
  type PendingCommand,
} from "./chat";
import { addedMessage, idOf, project } from "./pendingCommands";

export type { ChatMessage, OpenChat, PendingCommand } from "./chat";

interface ChatsState {
  open: Record<ChatId, OpenChat>;
  /** The numbers of chats that were opened under the `op` that created them. */
  numbers: Record<string, number>;
  /** The same for messages. A message is stored by its number as soon as it has one, and by its `op` before. */
  messageNumbers: Record<string, number>;
}

/** The part of the store that this slice's selectors read. */
interface WithChats {
  chats: ChatsState;
}

const initialState: ChatsState = { open: {}, numbers: {}, messageNumbers: {} };

/** The plain form of news about a chat: its number, and what is new in it. */
export type ChatNews = Pick<OpenChat, "id"> &
  Partial<Omit<OpenChat, "id" | "messages">> & { messageId?: MessageId; content?: string };

interface InChat<T> {
  chatId: ChatId;
  value: T;
}

function find(state: ChatsState, id: ChatId): OpenChat | undefined {
  return state.open[state.numbers[id] ?? id];
}

const slice = createSlice({
  name: "chats",
  initialState,
  reducers: {
    /** Merges news in the plain form: with `messageId`, `content` is that message's new text; other fields are the chat's. */
    updateChat(state, action: PayloadAction<ChatNews>) {
      const { messageId, content, ...fields } = action.payload;
      const chat = find(state, fields.id) ?? emptyChat(fields.id);
      state.open[chat.id] = chat;
      const message = messageId === undefined ? undefined : chat.messages[messageId];
      if (message && content !== undefined) message.content = content;
      Object.assign(chat, fields, { id: chat.id });
      Object.assign(chat.base, pickStructure(fields));
    },
    chatOpening(state, action: PayloadAction<ChatId>) {
      state.open[action.payload] ??= emptyChat(action.payload);
    },
    /** A snapshot's first page, with the entries that came since; what is on its way is shown on top of it. */
    snapshotLoaded(
      state,
      action: PayloadAction<{
        page: Chat;
        since: ChatEntry[];
        pending: PendingCommand[];
        texts: ShownText[];
      }>,
    ) {
      const { page, since, pending, texts } = action.payload;
      const before = state.open[page.id]?.messages ?? {};
      state.open[page.id] = { ...chatFromSnapshot(page), pending };
      const chat = state.open[page.id] as OpenChat;
      keepKeys(chat, before);
      for (const entry of since) if (entry.offset === chat.offset + 1) applyEntry(chat, entry);
      keepKeys(chat, before);
      showOnTop(state, chat, texts);
    },
    /** A following page, read at `page.offset`; `since` are the entries that came after the first page was read. */
    pageLoaded(state, action: PayloadAction<{ page: Chat; since: ChatEntry[]; texts: ShownText[] }>) {
      const { page, since, texts } = action.payload;
      const chat = find(state, page.id);
      if (!chat) return;
      addPage(chat, page, since, state.messageNumbers);
      showOnTop(state, chat, texts);
    },
    /** What this device kept of a chat, for when there is no network. */
    chatRestored(
      state,
      action: PayloadAction<{ chat: OpenChat; pending: PendingCommand[]; texts: ShownText[] }>,
    ) {
      const { chat: kept, pending, texts } = action.payload;
      state.open[kept.id] = { ...kept, pending };
      showOnTop(state, state.open[kept.id] as OpenChat, texts);
    },
    chatFailed(state, action: PayloadAction<InChat<string>>) {
      const chat = find(state, action.payload.chatId);
      if (chat) Object.assign(chat, { loaded: "error", error: action.payload.value });
    },
    /** This person may see the chat no longer. */
    chatEnded(state, action: PayloadAction<InChat<string>>) {
      const chat = find(state, action.payload.chatId);
      if (chat) state.open[chat.id] = { ...emptyChat(chat.id), loaded: "error", error: action.payload.value };
    },
    entryApplied(state, action: PayloadAction<{ chatId: ChatId; entry: ChatEntry; view: ViewChange }>) {
      const { chatId, entry, view } = action.payload;
      const chat = find(state, chatId);
      if (chat) applyEntry(chat, entry, view, state.messageNumbers);
    },
    /** A text comes into view with changes that are on their way. */
    textShown(state, action: PayloadAction<{ chatId: ChatId; text: ShownText }>) {
      const chat = find(state, action.payload.chatId);
      if (chat) showTexts(chat, [action.payload.text]);
    },
    /** The server gave a number to the message that was added as `op`, at this offset. */
    messageNumbered(state, action: PayloadAction<{ op: string; messageId: number; offset: number }>) {
      const { op, messageId, offset } = action.payload;
      state.messageNumbers[op] = messageId;
      for (const chat of Object.values(state.open)) {
        if (!(op in chat.messages)) continue;
        numberMessage(chat, op, messageId, offset);
        project(chat, state.messageNumbers);
      }
    },
    roleFound(state, action: PayloadAction<InChat<OpenChat["role"]>>) {
      const chat = find(state, action.payload.chatId);
      if (chat) chat.role = action.payload.value;
    },
    /** Typed here, or a change of the local view that no entry brings. */
    textEdited(state, action: PayloadAction<{ chatId: ChatId; messageId: MessageId; changes: ChangeJson }>) {
      const { chatId, messageId, changes } = action.payload;
      const message = find(state, chatId)?.messages[idOf(state.messageNumbers, messageId)];
      if (message) changeContent(message, changesFrom(changes));
    },
    commandQueued(state, action: PayloadAction<InChat<PendingCommand>>) {
      const { chatId, value } = action.payload;
      const chat = find(state, chatId);
      if (!chat || chat.pending.some((each) => each.op === value.op)) return;
      chat.pending.push(value);
      showOnTop(state, chat, []);
    },
    commandAcked(state, action: PayloadAction<{ chatId: ChatId; op: string; offset: number }>) {
      const { chatId, op, offset } = action.payload;
      const chat = find(state, chatId);
      if (!chat) return;
      for (const each of chat.pending) if (each.op === op) each.ackedAt = offset;
      dropPending(chat, ({ ackedAt }) => ackedAt !== null && ackedAt <= chat.offset, state.messageNumbers);
      project(chat, state.messageNumbers);
    },
    commandRefused(state, action: PayloadAction<InChat<string>>) {
      const chat = find(state, action.payload.chatId);
      if (!chat) return;
      dropPending(chat, ({ op }) => op === action.payload.value, state.messageNumbers);
      project(chat, state.messageNumbers);
    },
    /** The server gave a number to the chat that was created as `op`. */
    chatNumbered(state, action: PayloadAction<{ op: string; chatId: number }>) {
      state.numbers[action.payload.op] = action.payload.chatId;
      const { op, chatId } = action.payload;
      const made = state.open[op];
      if (!made) return;
      delete state.open[op];
      const known = state.open[chatId];
      if (known) moveInto(state, known, made);
      else state.open[chatId] = { ...made, id: chatId, channel: `chat:${chatId}`, loaded: "loading" };
    },
    chatCreatedHere(state, action: PayloadAction<{ op: string; title: string; madeAt: number }>) {
      const { op, title, madeAt } = action.payload;
      const chat = emptyChat(op);
      Object.assign(chat, { title, role: "owner", createdAt: madeAt, updatedAt: madeAt, loaded: "all" });
      chat.base.title = title;
      state.open[op] = chat;
    },
    chatClosed(state, action: PayloadAction<ChatId>) {
      delete state.open[action.payload];
    },
    chatsForgotten: () => initialState,
  },
});

/** The local view of a text with changes on their way, and the offset that its synced part stands at. */
export interface ShownText {
  messageId: MessageId;
  text: string;
  at: number;
}

function showTexts(chat: OpenChat, texts: ShownText[]): void {
  for (const { messageId, text, at } of texts) {
    const message = chat.messages[messageId];
    if (message) Object.assign(message, { content: text, at });
  }
}

/** Shows what is on its way: added messages, texts that are being typed, and what commands change. */
function showOnTop(state: ChatsState, chat: OpenChat, texts: ShownText[]): void {
  for (const { op, command, madeAt } of chat.pending) {
    const added = addedMessage(op, command, madeAt);
    const id = idOf(state.messageNumbers, op);
    if (added) chat.messages[id] ??= { ...added, id };
  }
  showTexts(chat, texts);
  project(chat, state.messageNumbers);
}

/** The chat was opened under its number before its answer came. */
function moveInto(state: ChatsState, chat: OpenChat, made: OpenChat): void {
  const known = new Set(chat.pending.map((each) => each.op));
  chat.pending = [...made.pending.filter((each) => !known.has(each.op)), ...chat.pending];
  chat.messages = { ...made.messages, ...chat.messages };
  showOnTop(state, chat, []);
}

/** A message that was added here stays what it is to the page, also when a snapshot brings it. */
function keepKeys(chat: OpenChat, before: Record<MessageId, ChatMessage>): void {
  for (const { id, key } of Object.values(before)) {
    const message = chat.messages[id];
    if (message) message.key = key;
  }
}

/** One identity from its birth: what was stored under the `op` goes on under the number. */
function numberMessage(chat: OpenChat, op: string, id: number, offset: number): void {
  const made = chat.messages[op];
  if (!made) return;
  delete chat.messages[op];
  const known = chat.messages[id];
  chat.messages[id] = known ? { ...known, key: made.key } : { ...made, id, at: offset };
}

function addPage(chat: OpenChat, page: Chat, since: ChatEntry[], numbers: Record<string, number>): void {
  const madeHere = new Map(Object.entries(numbers).map(([op, id]) => [id, op]));
  const fresh = page.messages.filter((each) => !(each.id in chat.messages));
  for (const each of fresh) {
    const message = { ...messageAt(each, page.offset), key: madeHere.get(each.id) ?? each.id };
    for (const entry of since) catchUp(message, entry);
    chat.messages[each.id] = message;
  }
  chat.base.order = [...chat.base.order, ...fresh.map((each) => each.id)];
  chat.loaded = page.next === null ? "all" : "partial";
}

function catchUp(message: ChatMessage, entry: ChatEntry): void {
  if (entry.type !== "chat_updated" || entry.chat.messageId !== message.id || entry.offset <= message.at)
    return;
  changeContent(message, changesFrom(entry.chat.changes));
  Object.assign(message, { at: entry.offset, editedAt: entry.at });
}

function pickStructure(fields: Partial<OpenChat>): Partial<OpenChat["base"]> {
  const { title, archivedAt, deletedAt, order } = fields;
  const given = Object.entries({ title, archivedAt, deletedAt, order }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given);
}

export const chatsReducer = slice.reducer;
export const {
  updateChat,
  chatOpening,
  snapshotLoaded,
  pageLoaded,
  chatRestored,
  chatFailed,
  chatEnded,
  entryApplied,
  textShown,
  messageNumbered,
  roleFound,
  textEdited,
  commandQueued,
  commandAcked,
  commandRefused,
  chatNumbered,
  chatCreatedHere,
  chatClosed,
  chatsForgotten,
} = slice.actions;

const NO_MESSAGES: MessageId[] = [];

/** A chat by its number, or by the `op` that created it. */
export const selectChat = (state: WithChats, id: ChatId): OpenChat | undefined => find(state.chats, id);
/** The number of a chat that may have been opened under its `op`. */
export const selectChatNumber = (state: WithChats, id: ChatId): ChatId => state.chats.numbers[id] ?? id;
export const selectMessageIds = (state: WithChats, id: ChatId): MessageId[] =>
  selectChat(state, id)?.order ?? NO_MESSAGES;
/** A message by its number, or by the `op` that added it. */
export const selectMessage = (
  state: WithChats,
  id: ChatId,
  messageId: MessageId,
): ChatMessage | undefined => {
  return selectChat(state, id)?.messages[selectMessageNumber(state, messageId)];
};
/** The number of a message, or its `op` while it has none. */
export const selectMessageNumber = (state: WithChats, messageId: MessageId): MessageId =>
  idOf(state.chats.messageNumbers, messageId);
/** Chats that were created here and that the server does not have yet. */
export const selectChatsOnTheWay = createSelector([(state: WithChats) => state.chats.open], (open) =>
  Object.values(open).filter((each) => typeof each.id === "string"),
);
