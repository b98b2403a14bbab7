/**
 * Who is where: tells the others where this person is, and the editors where the others are. Nothing here throws:
 * whose cursor is where matters less than any frame that is delivered meanwhile.
 */
import type { ChatEntry, ChatId, MessageId } from "../../api/wire";
import type { Store } from "../../app/store";
import type { Line } from "../../realtime/line";
import { changesFrom } from "../../realtime/textChanges";
import type { TextEdits } from "../../realtime/textEdits";
import { channelOf } from "../chats/channel";
import { selectChat, selectChatNumber, selectMessage, selectMessageNumber } from "../chats/chatsSlice";
import { selectPresent } from "../presence/presenceSlice";
import { cursorsIn, RecentChanges, toldCursor } from "./cursors";
import type { Cursor, PersonCursor } from "./LiveContext";

/** A cursor that runs is told this often. */
const TELL_EVERY_MS = 60;

type CursorListener = (cursors: PersonCursor[]) => void;

/** A message as an editor calls it: by numbers, or by the ops that made the chat and the message. */
interface Place {
  chat: ChatId;
  message: MessageId;
}

export class Presence {
  private readonly here = new Set<ChatId>();
  private readonly timers = new Map<ChatId, ReturnType<typeof setTimeout>>();
  /** Where this tab's one cursor is. */
  private cursor: { chat: ChatId; cursor: Cursor } | null = null;
  private readonly recent = new Map<ChatId, RecentChanges>();
  private readonly listeners = new Map<CursorListener, Place>();

  constructor(
    private readonly store: Store,
    private readonly edits: TextEdits,
    private readonly line: Pick<Line, "send" | "isSubscribed">,
  ) {}

  enter(chatId: ChatId): void {
    this.here.add(chatId);
    this.tell(chatId);
  }

  leave(chatId: ChatId): void {
    if (!this.here.delete(chatId)) return;
    clearTimeout(this.timers.get(chatId));
    this.timers.delete(chatId);
    this.recent.delete(chatId);
    this.send(chatId, null);
  }

  /** Presence is never stored: each new subscription tells it again. */
  subscribed(chatId: ChatId): void {
    this.tell(chatId);
  }

  setCursor(chat: ChatId, cursor: Cursor | null): void {
    this.cursor = cursor && { chat, cursor };
    const chatId = this.number(chat);
    if (!this.here.has(chatId) || this.timers.has(chatId)) return;
    const timer = setTimeout(() => {
      this.timers.delete(chatId);
      this.tell(chatId);
    }, TELL_EVERY_MS);
    this.timers.set(chatId, timer);
  }

  entry(entry: ChatEntry, chatId: ChatId): void {
    if (entry.type !== "chat_updated") return;
    const recent = this.recent.get(chatId) ?? new RecentChanges();
    this.recent.set(chatId, recent);
    recent.add({
      offset: entry.offset,
      messageId: entry.chat.messageId,
      changes: changesFrom(entry.chat.changes),
    });
  }

  onCursors(chat: ChatId, message: MessageId, listener: CursorListener): () => void {
    this.listeners.set(listener, { chat, message });
    this.show(listener, { chat, message });
    return () => this.listeners.delete(listener);
  }

  /** The texts or the people of this chat have moved. */
  textMoved(chatId: ChatId): void {
    for (const [listener, place] of [...this.listeners]) {
      if (this.number(place.chat) === chatId) this.show(listener, place);
    }
  }

  private show(listener: CursorListener, { chat, message }: Place): void {
    quietly(() => listener(this.cursorsIn(this.number(chat), message)));
  }

  private cursorsIn(chatId: ChatId, ref: MessageId): PersonCursor[] {
    const state = this.store.getState();
    const message = selectMessage(state, chatId, ref);
    if (!message) return [];
    const sync = this.edits.sync(channelOf(chatId), message.id);
    const recent = this.recent.get(chatId) ?? new RecentChanges();
    return cursorsIn(message.id, selectPresent(state, chatId), recent, sync, message.content.length);
  }

  private tell(chatId: ChatId): void {
    if (this.here.has(chatId)) quietly(() => this.send(chatId, this.toldIn(chatId)));
  }

  /** A message without a number is nowhere for the others. */
  private toldIn(chatId: ChatId): object {
    const state = this.store.getState();
    if (!this.cursor || this.number(this.cursor.chat) !== chatId) return {};
    const messageId = selectMessageNumber(state, this.cursor.cursor.messageId);
    if (typeof messageId === "string") return {};
    const sync = this.edits.sync(channelOf(chatId), messageId);
    return toldCursor({ ...this.cursor.cursor, messageId }, selectChat(state, chatId)?.offset ?? 0, sync);
  }

  private send(chatId: ChatId, state: object | null): void {
    const channel = channelOf(chatId);
    if (this.line.isSubscribed(channel)) this.line.send({ type: "presence", channel, state });
  }

  private number(ref: ChatId): ChatId {
    return selectChatNumber(this.store.getState(), ref);
  }
}

/** A mistake is reported as any other, and stops nobody. */
function quietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    reportError(error);
  }
}
