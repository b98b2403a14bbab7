/** The chats that this tab follows: those that somebody looks at, and those with changes on their way. */
import type { ChatId } from "../../api/wire";
import type { Store } from "../../app/store";
import type { Line } from "../../realtime/line";
import type { Snapshots } from "../../realtime/snapshots";
import { channelOf, chatOf } from "../chats/channel";
import type { PendingCommand } from "../chats/chat";
import { ChatFeed } from "../chats/chatFeed";
import { chatClosed, selectChat } from "../chats/chatsSlice";
import type { ChatTexts } from "../chats/chatTexts";
import { presenceLost } from "../presence/presenceSlice";
import type { Presence } from "./presence";

/** Chats that were looked at lately stay in memory. */
const MOST_CLOSED_CHATS = 8;

export interface FeedsPorts {
  store: Store;
  snapshots: Snapshots;
  line: Line;
  texts: ChatTexts;
  presence: Presence;
  userId: number;
  pendingOf(chatId: number): PendingCommand[];
}

export class Feeds {
  private readonly feeds = new Map<number, ChatFeed>();

  constructor(private readonly ports: FeedsPorts) {}

  get all(): ChatFeed[] {
    return [...this.feeds.values()];
  }

  of(chatId: ChatId): ChatFeed | undefined {
    return this.feeds.get(Number(chatId));
  }

  /** Follows a channel from here, or from where the oldest change on its way stands. */
  follow(channel: string, epoch: string, offset: number): void {
    const oldest = this.ports.texts.edits.oldestPosition(channel);
    const isOlder =
      oldest !== null && oldest.offset < offset && (oldest.epoch === epoch || oldest.epoch === "");
    this.ports.line.follow({ channel, epoch, offset: isOlder ? oldest.offset : offset });
  }

  /** A chat with changes on their way is followed although nobody looks at it. */
  followEdits(channel: string): void {
    const oldest = this.ports.texts.edits.oldestPosition(channel);
    const chatId = chatOf(channel);
    if (!oldest || typeof chatId !== "number") return;
    this.feed(chatId);
    // What this tab still has of the chat must not miss entries either.
    const chat = selectChat(this.ports.store.getState(), chatId);
    const isKnown = chat !== undefined && chat.epoch !== "";
    this.follow(channel, oldest.epoch, isKnown ? Math.min(chat.offset, oldest.offset) : oldest.offset);
  }

  enter(chatId: number): () => void {
    const feed = this.feed(chatId);
    feed.viewers += 1;
    if (feed.viewers === 1) {
      this.ports.presence.enter(chatId);
      feed.open();
    }
    return () => {
      feed.viewers -= 1;
      if (feed.viewers === 0) this.leave(feed);
    };
  }

  /** The chat has left this person's list. Whoever looks at it hears from the server what may still be seen. */
  forget(chatId: number): void {
    const { store, snapshots } = this.ports;
    snapshots.remove(channelOf(chatId)).catch(() => {}); // the device keeps nothing, or nothing any more
    if (!this.feeds.has(chatId)) store.dispatch(chatClosed(chatId));
  }

  /** Lets go of a channel that nobody needs any more. */
  leaveIfIdle(feed: ChatFeed): void {
    if (feed.viewers > 0 || this.ports.texts.edits.inChannel(feed.channel)) return;
    feed.close();
    this.feeds.delete(feed.chatId);
    this.ports.line.leave(feed.channel);
    this.ports.store.dispatch(presenceLost({ channel: feed.channel }));
  }

  close(): void {
    for (const feed of this.feeds.values()) feed.close();
    this.feeds.clear();
  }

  private feed(chatId: number): ChatFeed {
    const { store, snapshots, texts, userId, pendingOf } = this.ports;
    const known = this.feeds.get(chatId);
    if (known) return known;
    const feed = new ChatFeed(chatId, {
      store,
      texts,
      snapshots,
      userId,
      follow: (channel, epoch, offset) => this.follow(channel, epoch, offset),
      pending: pendingOf,
    });
    this.feeds.set(chatId, feed);
    return feed;
  }

  private leave(feed: ChatFeed): void {
    this.ports.presence.leave(feed.chatId);
    feed.close();
    this.leaveIfIdle(feed);
    this.dropOldChats();
  }

  private dropOldChats(): void {
    const { store } = this.ports;
    const closed = Object.values(store.getState().chats.open).filter(
      (each) => typeof each.id === "number" && !this.feeds.has(each.id),
    );
    for (const each of closed.slice(0, -MOST_CLOSED_CHATS)) store.dispatch(chatClosed(each.id));
  }
}
