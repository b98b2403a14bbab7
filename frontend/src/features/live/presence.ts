/** Who is where: tells the others where this person is, and the editors where the others are. */
import type { ChatEntry, ChatId, MessageId } from "../../api/wire";
import type { Store } from "../../app/store";
import { changesFrom } from "../../realtime/textChanges";
import type { TextEdits } from "../../realtime/textEdits";
import { selectChat, selectMessage } from "../chats/chatsSlice";
import { selectPresent } from "../presence/presenceSlice";
import { cursorsIn, RecentChanges, toldCursor } from "./cursors";
import type { Cursor, PersonCursor } from "./LiveContext";

/** A cursor that runs is told this often. */
const TELL_EVERY_MS = 60;

type CursorListener = (cursors: PersonCursor[]) => void;

interface Here {
  cursor: Cursor | null;
  timer: ReturnType<typeof setTimeout> | null;
}

export class Presence {
  private readonly here = new Map<ChatId, Here>();
  private readonly recent = new Map<ChatId, RecentChanges>();
  private readonly listeners = new Map<ChatId, Map<CursorListener, MessageId>>();

  constructor(
    private readonly store: Store,
    private readonly edits: TextEdits,
    private readonly send: (frame: object) => boolean,
  ) {}

  enter(chatId: ChatId, isSubscribed: boolean): void {
    this.here.set(chatId, { cursor: null, timer: null });
    if (isSubscribed) this.tell(chatId);
  }

  leave(chatId: ChatId): void {
    const here = this.here.get(chatId);
    if (!here) return;
    if (here.timer !== null) clearTimeout(here.timer);
    this.here.delete(chatId);
    this.recent.delete(chatId);
    this.send({ type: "presence", channel: `chat:${chatId}`, state: null });
  }

  /** Presence is never stored: each new subscription tells it again. */
  subscribed(chatId: ChatId): void {
    if (this.here.has(chatId)) this.tell(chatId);
  }

  setCursor(chatId: ChatId, cursor: Cursor | null): void {
    const here = this.here.get(chatId);
    if (!here) return;
    here.cursor = cursor;
    here.timer ??= setTimeout(() => {
      here.timer = null;
      this.tell(chatId);
    }, TELL_EVERY_MS);
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

  onCursors(chatId: ChatId, messageId: MessageId, listener: CursorListener): () => void {
    const listeners = this.listeners.get(chatId) ?? new Map<CursorListener, MessageId>();
    this.listeners.set(chatId, listeners.set(listener, messageId));
    listener(this.cursorsIn(chatId, messageId));
    return () => listeners.delete(listener);
  }

  /** The texts or the people of this chat have moved. */
  textMoved(chatId: ChatId): void {
    for (const [listener, messageId] of this.listeners.get(chatId) ?? []) {
      listener(this.cursorsIn(chatId, messageId));
    }
  }

  private cursorsIn(chatId: ChatId, ref: MessageId): PersonCursor[] {
    const state = this.store.getState();
    const message = selectMessage(state, chatId, ref);
    if (!message) return [];
    const sync = this.edits.view(`chat:${chatId}`, message.id)?.sync ?? null;
    const recent = this.recent.get(chatId) ?? new RecentChanges();
    return cursorsIn(message.id, selectPresent(state, chatId), recent, sync, message.content.length);
  }

  private tell(chatId: ChatId): void {
    const cursor = this.here.get(chatId)?.cursor ?? null;
    const offset = selectChat(this.store.getState(), chatId)?.offset ?? 0;
    const sync = cursor && (this.edits.view(`chat:${chatId}`, cursor.messageId)?.sync ?? null);
    const state = cursor ? toldCursor(cursor, offset, sync) : {};
    this.send({ type: "presence", channel: `chat:${chatId}`, state });
  }
}
