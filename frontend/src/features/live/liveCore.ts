/** Everything live of one signed-in person in one tab: brings together the connection, the outbox, the feeds, the store. */
import type { ChangeSet } from "@codemirror/state";
import type {
  Ack,
  ChatEntry,
  ChatId,
  Command,
  LogEntry,
  MessageId,
  PushedFrame,
  UserEntry,
} from "../../api/wire";
import type { Store } from "../../app/store";
import { CommandQueue, type QueuedCommand } from "../../realtime/commandQueue";
import { differenceOf } from "../../realtime/difference";
import { isEntry } from "../../realtime/frames";
import { randomName } from "../../realtime/names";
import type { Outbox } from "../../realtime/outbox";
import type { DraftRecord, OutboxRecord } from "../../realtime/outboxStore";
import type { Snapshots } from "../../realtime/snapshots";
import type { LiveSocket, SocketHandlers } from "../../realtime/socket";
import { changesToJson } from "../../realtime/textChanges";
import { TextEdits, type TextUpdate } from "../../realtime/textEdits";
import type { PendingCommand } from "../chats/chat";
import { ChatFeed } from "../chats/chatFeed";
import {
  chatClosed,
  chatCreatedHere,
  chatNumbered,
  commandAcked,
  commandQueued,
  commandRefused,
  messageNumbered,
  selectChat,
  selectChatNumber,
  selectMessage,
  selectMessageNumber,
  textEdited,
  textShown,
} from "../chats/chatsSlice";
import {
  draftDropped,
  draftKept,
  refused,
  statusChanged,
  unsavedChanged,
} from "../connection/connectionSlice";
import { importChanged } from "../imports/importsSlice";
import {
  type PresenceState,
  presenceLost,
  presenceMoved,
  presenceReplaced,
  welcomed,
} from "../presence/presenceSlice";
import { loadSession, signedOut } from "../session/sessionSlice";
import { type Cursor, type Live, type PersonCursor, Refusal, type SentCommand } from "./LiveContext";
import { Presence } from "./presence";
import { isSignedOut, UserFeed } from "./userFeed";

const WRONG_USER = "This address belongs to another account.";
/** Chats that were looked at lately stay in memory. */
const MOST_CLOSED_CHATS = 8;

type Listener<T> = (value: T) => void;

export interface LiveOptions {
  store: Store;
  user: { id: number; name: string };
  outbox: Outbox;
  snapshots: Snapshots;
}

export class LiveCore implements Live {
  private socket: LiveSocket | null = null;
  private readonly feeds = new Map<number, ChatFeed>();
  private readonly userFeed: UserFeed;
  private readonly queue: CommandQueue;
  private readonly edits: TextEdits;
  private readonly presence: Presence;
  private readonly answers = new Map<string, { resolve: Listener<Ack>; reject: Listener<Refusal> }>();
  private readonly textListeners = new Map<string, Set<Listener<ChangeSet>>>();
  private readonly numberListeners = new Map<string, Set<() => void>>();
  private readonly leaving = new AbortController();

  constructor(private readonly options: LiveOptions) {
    const { store, snapshots, user } = options;
    const follow = (channel: string, epoch: string, offset: number) => this.follow(channel, epoch, offset);
    this.userFeed = new UserFeed(user.id, { store, snapshots, follow });
    this.queue = new CommandQueue({
      keep: (record) => options.outbox.put(record),
      drop: (key) => options.outbox.remove(key),
      send: (frame) => this.socket?.send(frame) ?? false,
      acked: (record, ack) => this.commandAcked(record, ack),
      refused: (record, code, sentence) => this.commandRefused(record, code, sentence),
      changed: () => this.countUnsaved(),
      random: Math.random,
    });
    this.edits = new TextEdits({
      keep: (record) => options.outbox.put(record),
      drop: (key) => options.outbox.remove(key),
      send: (update) => this.sendText(update),
      newName: randomName,
      random: Math.random,
      viewed: (channel, subject, changes) => this.viewed(chatOf(channel), subject, changes),
      shown: (channel, subject, text, at) => this.shown(chatOf(channel), subject, text, at),
      changed: () => this.countUnsaved(),
      refused: (channel, subject, text, sentence) => this.keepDraft(channel, subject, text, sentence),
      tooOld: (channel) => this.feedOf(channel)?.lost(),
    });
    this.presence = new Presence(store, this.edits, (frame) => this.socket?.send(frame) ?? false);
  }

  /** Starts when what closed tabs left has been adopted. */
  start(): void {
    const { signal } = this.leaving;
    window.addEventListener("pagehide", () => this.edits.keepNow(), { signal });
    window.addEventListener("beforeunload", (event) => this.warn(event), { signal });
    void this.userFeed.open();
  }

  /** Who hears what this socket brings; it is this tab's only one. */
  attach(socket: LiveSocket): Partial<SocketHandlers> {
    this.socket = socket;
    for (const [channel, position] of this.wanted) this.follow(channel, position.epoch, position.offset);
    this.wanted.clear();
    return {
      deliver: (frame) => this.deliver(frame),
      lost: (channel) => this.lost(channel),
      caughtUp: () => this.edits.sendAll(),
      refused: () => void this.checkSignIn(),
      status: (status) => {
        this.options.store.dispatch(statusChanged(status));
        if (status.kind === "signed_out") this.signedOut(status.reason);
      },
    };
  }

  close(): void {
    this.edits.keepNow();
    this.leaving.abort();
    this.userFeed.close();
    for (const feed of this.feeds.values()) feed.close();
    this.feeds.clear();
    this.socket = null;
  }

  // What the page does -----------------------------------------------------------------------------

  command(command: Command): SentCommand {
    const op = randomName();
    const done = new Promise<Ack>((resolve, reject) => this.answers.set(op, { resolve, reject }));
    done.catch(() => {}); // a refusal is shown by the page even when nobody waits for it
    const record = this.queue.add(op, this.laneOf(op, command), command, Date.now());
    this.show(record, command);
    return { op, done };
  }

  openChat(ref: ChatId): () => void {
    let leave: (() => void) | null = null;
    const enter = () => {
      leave ??= this.enter(selectChatNumber(this.state, ref));
    };
    const forget = typeof this.number(ref) === "number" ? () => {} : this.onNumber(String(ref), enter);
    if (typeof this.number(ref) === "number") enter();
    return () => {
      forget();
      leave?.();
    };
  }

  reloadChat(ref: ChatId): void {
    this.feeds.get(Number(this.number(ref)))?.load();
  }

  edit(ref: ChatId, messageRef: MessageId, changes: ChangeSet): void {
    const chatId = this.number(ref);
    const chat = selectChat(this.state, chatId);
    const message = selectMessage(this.state, chatId, messageRef);
    if (!chat || !message || changes.empty) return;
    const at = { epoch: chat.epoch, offset: Math.max(chat.offset, message.at), text: message.content };
    this.options.store.dispatch(
      textEdited({ chatId, messageId: message.id, changes: changesToJson(changes) }),
    );
    this.edits.type(`chat:${chatId}`, message.id, changes, at);
    this.presence.textMoved(chatId);
  }

  onText(ref: ChatId, messageRef: MessageId, listener: Listener<ChangeSet>): () => void {
    const key = `${this.number(ref)}/${messageRef}`;
    const listeners = this.textListeners.get(key) ?? new Set();
    this.textListeners.set(key, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  setCursor(ref: ChatId, cursor: Cursor | null): void {
    const messageId = cursor && selectMessageNumber(this.state, cursor.messageId);
    const isKnown = cursor && typeof messageId === "number";
    this.presence.setCursor(this.number(ref), isKnown ? { ...cursor, messageId } : null);
  }

  onCursors(ref: ChatId, messageId: MessageId, listener: Listener<PersonCursor[]>): () => void {
    return this.presence.onCursors(this.number(ref), messageId, listener);
  }

  discardDraft(key: string): void {
    void this.options.outbox.remove(key);
    this.options.store.dispatch(draftDropped(key));
  }

  /** What another tab left behind is this tab's to send. */
  adopt(records: OutboxRecord[]): void {
    const commands = records.filter((each) => each.kind === "command").sort((a, b) => a.seq - b.seq);
    for (const each of commands) this.show(each, each.command as Command);
    this.queue.adopt(commands);
    this.edits.adopt(records.filter((each) => each.kind === "text"));
    for (const each of records) if (each.kind === "draft") this.showDraft(each);
    for (const channel of this.edits.channels()) this.followEdits(channel);
  }

  // Following --------------------------------------------------------------------------------------

  private readonly wanted = new Map<string, { epoch: string; offset: number }>();

  private follow(channel: string, epoch: string, offset: number): void {
    const oldest = this.edits.oldestPosition(channel);
    const from = oldest && oldest.offset < offset && oldest.epoch === epoch ? oldest.offset : offset;
    if (!this.socket) {
      this.wanted.set(channel, { epoch, offset: from });
      return;
    }
    const stands = this.socket.offsetOf(channel);
    if (stands !== null && stands > from) this.socket.leave(channel);
    this.socket.follow({ channel, epoch, offset: from });
  }

  /** A chat with changes on their way is followed although nobody looks at it. */
  private followEdits(channel: string): void {
    const oldest = this.edits.oldestPosition(channel);
    const chatId = chatOf(channel);
    if (!oldest || typeof chatId !== "number") return;
    this.feed(chatId);
    this.follow(channel, oldest.epoch, oldest.offset);
  }

  private feed(chatId: number): ChatFeed {
    const known = this.feeds.get(chatId);
    if (known) return known;
    const { store, snapshots, user } = this.options;
    const feed = new ChatFeed(chatId, {
      store,
      edits: this.edits,
      snapshots,
      userId: user.id,
      follow: (channel, epoch, offset) => this.follow(channel, epoch, offset),
      pending: (id) => this.pendingOf(id),
      told: (id, messageId, changes) => this.tell(id, messageId, changes),
    });
    this.feeds.set(chatId, feed);
    return feed;
  }

  private feedOf(channel: string): ChatFeed | undefined {
    return this.feeds.get(Number(chatOf(channel)));
  }

  private enter(ref: ChatId): () => void {
    const feed = this.feed(Number(ref));
    feed.viewers += 1;
    if (feed.viewers === 1) {
      this.presence.enter(feed.chatId, this.socket?.isCurrent(feed.channel) ?? false);
      feed.open();
    }
    return () => {
      feed.viewers -= 1;
      if (feed.viewers === 0) this.leave(feed);
    };
  }

  private leave(feed: ChatFeed): void {
    this.presence.leave(feed.chatId);
    feed.close();
    this.leaveIfIdle(feed);
    this.dropOldChats();
  }

  private leaveIfIdle(feed: ChatFeed): void {
    if (feed.viewers > 0 || this.edits.inChannel(feed.channel)) return;
    this.feeds.delete(feed.chatId);
    this.socket?.leave(feed.channel);
    this.options.store.dispatch(presenceLost({ channel: feed.channel }));
  }

  private dropOldChats(): void {
    const closed = Object.values(this.state.chats.open).filter(
      (each) => typeof each.id === "number" && !this.feeds.has(each.id),
    );
    for (const each of closed.slice(0, -MOST_CLOSED_CHATS)) this.options.store.dispatch(chatClosed(each.id));
  }

  private lost(channel: string): void {
    if (channel === this.userFeed.channel) void this.userFeed.load();
    else this.feedOf(channel)?.lost();
  }

  // Frames -----------------------------------------------------------------------------------------

  private deliver(frame: PushedFrame): void {
    if (isEntry(frame)) this.entry(frame);
    else this.push(frame);
  }

  private entry(entry: LogEntry): void {
    if (entry.channel === this.userFeed.channel) this.userFeed.entry(entry as UserEntry);
    else this.chatEntry(entry as ChatEntry);
  }

  private chatEntry(entry: ChatEntry): void {
    const feed = this.feedOf(entry.channel);
    if (!feed) return;
    if (entry.type === "message_added" && entry.op !== null) this.numberMessage(entry.op, entry.message.id);
    this.presence.entry(entry, feed.chatId);
    feed.entry(entry);
    this.presence.textMoved(feed.chatId);
    if (feed.viewers === 0) this.leaveIfIdle(feed);
  }

  private push(frame: Exclude<PushedFrame, LogEntry>): void {
    const { dispatch } = this.options.store;
    switch (frame.type) {
      case "welcome":
        this.reconnected(frame.session);
        break;
      case "subscribed":
        this.presence.subscribed(chatOf(frame.channel));
        break;
      case "ack":
        this.acked(frame);
        break;
      case "error":
        this.errorFrame(frame.op, frame.channel, frame.code, frame.message);
        break;
      case "presence":
        if (frame.full)
          dispatch(presenceReplaced({ channel: frame.channel, present: frame.present as never }));
        else dispatch(presenceMoved({ channel: frame.channel, present: presentOf(frame) }));
        this.presence.textMoved(chatOf(frame.channel));
        break;
      case "revoked":
        dispatch(presenceLost({ channel: frame.channel }));
        this.feedOf(frame.channel)?.refused(frame.reason);
        break;
      case "import_changed":
        dispatch(importChanged(frame.job));
        break;
    }
  }

  private reconnected(session: string): void {
    this.options.store.dispatch(welcomed({ session }));
    this.edits.reconnected();
    this.queue.reconnected();
    this.userFeed.reconnected();
    for (const feed of this.feeds.values()) feed.reconnected();
  }

  private acked(ack: Ack): void {
    if (ack.op === null) return;
    if (!this.queue.acked(ack)) this.edits.acked(ack.op, ack.offset);
  }

  private errorFrame(op: string | null, channel: string | null, code: string, message: string): void {
    if (op !== null && (this.queue.refused(op, code, message) || this.edits.refused(op, code, message)))
      return;
    if (channel === null) return;
    if (code === "unavailable") setTimeout(() => this.feedOf(channel)?.open(), 1_000 + Math.random() * 4_000);
    else this.feedOf(channel)?.refused(message);
  }

  private async checkSignIn(): Promise<void> {
    if (await isSignedOut()) this.signedOut("Please sign in again.");
  }

  private signedOut(reason: string): void {
    const { dispatch } = this.options.store;
    if (reason === WRONG_USER) void dispatch(loadSession());
    else dispatch(signedOut());
  }

  // Commands ---------------------------------------------------------------------------------------

  private laneOf(op: string, command: Command): string {
    if (command.type === "chat_create") return op;
    if (!("chat" in command)) return "user";
    const number = this.number(command.chat.id);
    const before = this.queue.all.find((each) => this.chatOfCommand(each) === number);
    return before?.lane ?? String(number);
  }

  private chatOfCommand({ op, command }: QueuedCommand): ChatId | null {
    const given = command as Command;
    if (given.type === "chat_create") return op;
    return "chat" in given ? this.number(given.chat.id) : null;
  }

  private show({ op, madeAt }: QueuedCommand, command: Command): void {
    const { dispatch } = this.options.store;
    if (command.type === "chat_create") {
      dispatch(chatCreatedHere({ op, title: command.chat.title ?? "", madeAt }));
    } else if ("chat" in command) {
      const value: PendingCommand = { op, command, madeAt, ackedAt: null };
      dispatch(commandQueued({ chatId: command.chat.id, value, author: this.options.user.name }));
    }
  }

  private pendingOf(chatId: number): PendingCommand[] {
    return this.queue.all
      .filter((each) => this.chatOfCommand(each) === chatId)
      .map(({ op, command, madeAt }) => ({ op, command: command as Command, madeAt, ackedAt: null }));
  }

  private commandAcked({ op, command }: QueuedCommand, ack: Ack): void {
    const { dispatch } = this.options.store;
    const given = command as Command;
    const { chatId, messageId } = ack.result;
    if (given.type === "chat_create" && typeof chatId === "number") this.numberChat(op, chatId);
    if (given.type === "message_add" && typeof messageId === "number" && typeof chatId === "number") {
      this.numberMessage(op, messageId);
      const to = { channel: ack.channel, subject: messageId, epoch: "", offset: ack.offset };
      this.edits.renamed(ack.channel, op, to);
      this.followEdits(ack.channel);
    }
    if ("chat" in given && "id" in given.chat) {
      dispatch(commandAcked({ chatId: given.chat.id, op, offset: ack.offset }));
    }
    this.answers.get(op)?.resolve(ack);
    this.answers.delete(op);
  }

  private commandRefused({ op, command }: QueuedCommand, code: string, sentence: string): void {
    const { dispatch } = this.options.store;
    const given = command as Command;
    if (given.type === "message_add") this.keepRefusedMessage(op, given);
    if ("chat" in given && "id" in given.chat) dispatch(commandRefused({ chatId: given.chat.id, value: op }));
    dispatch(refused({ key: op, sentence }));
    this.answers.get(op)?.reject(new Refusal(code, sentence));
    this.answers.delete(op);
  }

  /** What was written into a message that the server does not want stays as a draft. */
  private keepRefusedMessage(op: string, command: Extract<Command, { type: "message_add" }>): void {
    const chatId = this.number(command.chat.id);
    const text = selectMessage(this.state, chatId, op)?.content ?? command.message.content ?? "";
    this.edits.refuseText(`chat:${chatId}`, op, "This message could not be added.");
    if (text) this.keepDraft(`chat:${chatId}`, op, text, "This message could not be added.");
  }

  private numberChat(op: string, chatId: number): void {
    this.options.store.dispatch(chatNumbered({ op, chatId }));
    this.edits.moved(`chat:${op}`, `chat:${chatId}`);
    for (const listener of this.numberListeners.get(op) ?? []) listener();
    this.numberListeners.delete(op);
  }

  private numberMessage(op: string, messageId: number): void {
    this.options.store.dispatch(messageNumbered({ op, messageId }));
  }

  private onNumber(op: string, listener: () => void): () => void {
    const listeners = this.numberListeners.get(op) ?? new Set();
    this.numberListeners.set(op, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  // Texts ------------------------------------------------------------------------------------------

  private sendText({ op, channel, subject, base, changes }: TextUpdate): boolean {
    if (typeof subject === "string" || !this.socket?.isCurrent(channel)) return false;
    const chat = { id: chatOf(channel), messageId: subject, base, changes: changesToJson(changes) };
    return this.socket.send({ type: "chat_update", op, chat });
  }

  private viewed(chatId: ChatId, messageId: MessageId, changes: ChangeSet): void {
    this.options.store.dispatch(textEdited({ chatId, messageId, changes: changesToJson(changes) }));
    this.tell(chatId, messageId, changes);
  }

  private shown(chatId: ChatId, messageId: MessageId, text: string, at: number): void {
    const before = selectMessage(this.state, chatId, messageId)?.content;
    this.options.store.dispatch(textShown({ chatId, text: { messageId, text, at } }));
    if (before !== undefined && before !== text) this.tell(chatId, messageId, differenceOf(before, text));
  }

  /** An editor that was opened before its message had a number listens by its name. */
  private tell(chatId: ChatId, messageId: MessageId, changes: ChangeSet): void {
    const key = selectMessage(this.state, chatId, messageId)?.key ?? messageId;
    const both = key === messageId ? [messageId] : [messageId, key];
    for (const id of both) {
      for (const listener of this.textListeners.get(`${chatId}/${id}`) ?? []) listener(changes);
    }
  }

  private keepDraft(channel: string, subject: MessageId, text: string, sentence: string): void {
    const draft: Omit<DraftRecord, "userId" | "tabId"> = {
      kind: "draft",
      key: `draft:${randomName()}`,
      channel,
      subject,
      text,
      sentence,
    };
    void this.options.outbox.put(draft);
    this.showDraft(draft);
  }

  private showDraft({ key, channel, subject, text, sentence }: Omit<DraftRecord, "userId" | "tabId">): void {
    this.options.store.dispatch(
      draftKept({ key, chatId: chatOf(channel), messageId: subject, text, sentence }),
    );
  }

  private countUnsaved(): void {
    const commands = this.queue.all.map((each) => {
      const given = each.command as Command;
      const messageId = given.type === "message_add" ? each.op : null;
      return { key: each.key, chatId: this.chatOfCommand(each), messageId };
    });
    const texts = this.edits.pending.map(({ key, channel, subject }) => ({
      key,
      chatId: chatOf(channel),
      messageId: subject,
    }));
    this.options.store.dispatch(unsavedChanged([...commands, ...texts]));
  }

  private warn(event: BeforeUnloadEvent): void {
    const { durability, unsaved } = this.state.connection;
    if (durability === "memory" && unsaved.length > 0) event.preventDefault();
  }

  private get state() {
    return this.options.store.getState();
  }

  private number(ref: ChatId): ChatId {
    return selectChatNumber(this.state, ref);
  }
}

/** The chat that a channel is the log of, by its number or by the op that creates it. */
function chatOf(channel: string): ChatId {
  const name = channel.slice(channel.indexOf(":") + 1);
  return /^\d+$/.test(name) ? Number(name) : name;
}

function presentOf(frame: { session: string; userId: number; name: string; state: object | null }) {
  const { session, userId, name, state } = frame;
  return { session, userId, name, state: state as PresenceState | null };
}
