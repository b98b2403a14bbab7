/** Everything live of one signed-in person in one tab: who hears what the connection brings, and what the page does. */
import type { ChangeSet } from "@codemirror/state";
import { tryAgainMs } from "../../api/client";
import type {
  Ack,
  ChatEntry,
  ChatId,
  Command,
  Limits,
  LogEntry,
  MessageId,
  PushedFrame,
  ServerFrame,
  StatePush,
  UserEntry,
} from "../../api/wire";
import type { Store } from "../../app/store";
import { isEntry } from "../../realtime/frames";
import { Line } from "../../realtime/line";
import type { Outbox } from "../../realtime/outbox";
import type { OutboxRecord } from "../../realtime/outboxStore";
import type { Snapshots } from "../../realtime/snapshots";
import type { LiveSocket, SocketHandlers } from "../../realtime/socket";
import { chatOf } from "../chats/channel";
import { selectChatNumber } from "../chats/chatsSlice";
import { ChatTexts } from "../chats/chatTexts";
import { statusChanged, unsavedChanged } from "../connection/connectionSlice";
import { importChanged } from "../imports/importsSlice";
import {
  type PresenceState,
  presenceLost,
  presenceMoved,
  presenceReplaced,
  welcomed,
} from "../presence/presenceSlice";
import { loadSession, signedOut } from "../session/sessionSlice";
import { Feeds } from "./feeds";
import type { Cursor, Live, PersonCursor, SentCommand } from "./LiveContext";
import { LiveCommands } from "./liveCommands";
import { Presence } from "./presence";
import { isSignedOut, UserFeed } from "./userFeed";

const WRONG_USER = 4505;
/** The server does not say which. */
const NOT_YOURS = "This chat does not exist, or it is no longer shared with you.";
/** Until the server has said its own. */
const USUAL_LIMITS: Limits = {
  maxFrameBytes: 4 * 1024 * 1024,
  maxFrameValues: 100_000,
  maxSubscriptions: 1_000,
  maxTextUnits: 4_000_000,
  maxPresenceBytes: 4_096,
  heartbeatIntervalMs: 15_000,
};

export interface LiveOptions {
  store: Store;
  user: { id: number };
  outbox: Outbox;
  snapshots: Snapshots;
}

export class LiveCore implements Live {
  private readonly line = new Line();
  private readonly userFeed: UserFeed;
  private readonly texts: ChatTexts;
  private readonly commands: LiveCommands;
  private readonly presence: Presence;
  private readonly feeds: Feeds;
  private readonly leaving = new AbortController();
  private known = USUAL_LIMITS;

  constructor(private readonly options: LiveOptions) {
    const { store, snapshots, user, outbox } = options;
    const { line } = this;
    const changed = () => this.countUnsaved();
    const limits = () => this.known;
    const tooOld = (channel: string) => this.lost(channel);
    this.texts = new ChatTexts({ store, outbox, line, limits, changed, tooOld });
    this.commands = new LiveCommands({
      store,
      outbox,
      line,
      texts: this.texts,
      changed,
      followEdits: (channel) => this.feeds.followEdits(channel),
    });
    this.presence = new Presence(store, this.texts.edits, line);
    const pendingOf = (chatId: number) => this.commands.pendingOf(chatId);
    const { texts, presence } = this;
    this.feeds = new Feeds({ store, snapshots, line, texts, presence, userId: user.id, pendingOf });
    const follow = (channel: string, epoch: string, offset: number) =>
      line.follow({ channel, epoch, offset });
    const unlisted = (chatId: number) => this.feeds.forget(chatId);
    this.userFeed = new UserFeed(user.id, { store, snapshots, follow, unlisted });
  }

  start(): void {
    const { signal } = this.leaving;
    window.addEventListener("pagehide", () => this.keepNow(), { signal });
    window.addEventListener("beforeunload", (event) => this.warn(event), { signal });
    void this.userFeed.open();
  }

  /** Who hears what this socket brings; it is this tab's only one. */
  attach(socket: LiveSocket): Partial<SocketHandlers> {
    this.line.attach(socket);
    return {
      deliver: (frame) => this.deliver(frame),
      lost: (channel) => this.lost(channel),
      caughtUp: () => this.texts.edits.sendAll(),
      refused: () => void this.checkSignIn(),
      away: (code) => this.signedOut(code),
      status: (status) => void this.options.store.dispatch(statusChanged(status)),
    };
  }

  close(): void {
    this.texts.edits.keepNow();
    this.leaving.abort();
    this.userFeed.close();
    this.feeds.close();
    this.line.detach();
  }

  /** What another tab left behind is this tab's to send. */
  adopt(records: OutboxRecord[]): void {
    this.commands.adopt(records.filter((each) => each.kind === "command"));
    this.texts.adopt(records.filter((each) => each.kind === "text"));
    for (const each of records) if (each.kind === "draft") this.texts.showDraft(each);
    for (const channel of this.texts.edits.channels()) this.feeds.followEdits(channel);
  }

  /** The device has taken something, or has lost it. */
  keptChanged(): void {
    this.countUnsaved();
  }

  /** This tab slept for so long that another one went on with what it had kept. */
  takenOver(): void {
    this.texts.takenOver();
  }

  // What the page does -----------------------------------------------------------------------------

  command(command: Command): SentCommand {
    return this.commands.send(command);
  }

  openChat(ref: ChatId): () => void {
    let leave = () => {};
    const enter = () => {
      leave = this.feeds.enter(Number(this.number(ref)));
    };
    const isNumbered = typeof this.number(ref) === "number";
    const forget = isNumbered ? () => {} : this.commands.onNumber(String(ref), enter);
    if (isNumbered) enter();
    return () => {
      forget();
      leave();
    };
  }

  reloadChat(ref: ChatId): void {
    this.feeds.of(this.number(ref))?.load();
  }

  edit(ref: ChatId, messageRef: MessageId, changes: ChangeSet): void {
    this.texts.edit(ref, messageRef, changes);
    this.presence.textMoved(this.number(ref));
  }

  onText(ref: ChatId, messageRef: MessageId, listener: (changes: ChangeSet) => void): () => void {
    return this.texts.onText(ref, messageRef, listener);
  }

  setCursor(ref: ChatId, cursor: Cursor | null): void {
    this.presence.setCursor(ref, cursor);
  }

  onCursors(ref: ChatId, messageId: MessageId, listener: (cursors: PersonCursor[]) => void): () => void {
    return this.presence.onCursors(ref, messageId, listener);
  }

  discardDraft(key: string): void {
    this.texts.discardDraft(key);
  }

  limits(): Limits {
    return this.known;
  }

  // What the connection brings ---------------------------------------------------------------------

  private deliver(frame: PushedFrame): void {
    if (isEntry(frame)) this.entry(frame);
    else this.push(frame);
  }

  private entry(entry: LogEntry): void {
    if (entry.channel === this.userFeed.channel) this.userFeed.entry(entry as UserEntry);
    else this.chatEntry(entry as ChatEntry);
  }

  private chatEntry(entry: ChatEntry): void {
    const feed = this.feeds.of(chatOf(entry.channel));
    if (!feed) return;
    this.presence.entry(entry, feed.chatId);
    feed.entry(entry);
    this.presence.textMoved(feed.chatId);
    this.feeds.leaveIfIdle(feed);
  }

  private push(frame: ServerFrame | StatePush): void {
    const { dispatch } = this.options.store;
    switch (frame.type) {
      case "welcome":
        this.known = frame.limits;
        this.reconnected(frame.session);
        break;
      case "subscribed":
        this.subscribed(frame.channel);
        break;
      case "ack":
        this.acked(frame);
        break;
      case "error":
        this.refused(frame);
        break;
      case "presence":
        this.someoneMoved(frame);
        break;
      case "revoked":
        dispatch(presenceLost({ channel: frame.channel }));
        this.feeds.of(chatOf(frame.channel))?.refused(frame.reason);
        break;
      case "import_changed":
        dispatch(importChanged(frame.job));
        break;
      case "unsubscribed":
      case "snapshot_needed":
      case "heartbeat":
      case "draining":
        break; // the session has dealt with them
    }
  }

  private reconnected(session: string): void {
    this.options.store.dispatch(welcomed({ session }));
    this.texts.edits.reconnected();
    this.commands.queue.reconnected();
    this.userFeed.reconnected();
    for (const feed of this.feeds.all) feed.reconnected();
  }

  /** Who is here follows, if anyone is: whoever was known from before may have gone meanwhile. */
  private subscribed(channel: string): void {
    this.options.store.dispatch(presenceLost({ channel }));
    this.presence.textMoved(chatOf(channel));
    this.presence.subscribed(chatOf(channel));
  }

  private acked(ack: Ack): void {
    if (ack.op === null || this.commands.queue.acked(ack)) return;
    this.texts.edits.acked(ack.op, ack.offset);
    const feed = this.feeds.of(chatOf(ack.channel));
    if (feed) this.feeds.leaveIfIdle(feed);
  }

  private refused({ op, channel, code, message }: Extract<PushedFrame, { type: "error" }>): void {
    const { queue } = this.commands;
    if (op !== null && (queue.refused(op, code, message) || this.texts.edits.refused(op, code, message)))
      return;
    // Presence that crossed a subscription on its way: the next `subscribed` tells it again.
    if (code === "not_subscribed") return;
    const feed = channel === null ? undefined : this.feeds.of(chatOf(channel));
    if (code === "unavailable" && channel !== null) setTimeout(() => this.openAgain(channel), tryAgainMs());
    else feed?.refused(code === "forbidden" ? NOT_YOURS : message);
  }

  private openAgain(channel: string): void {
    if (channel === this.userFeed.channel) void this.userFeed.load();
    else this.feeds.of(chatOf(channel))?.open();
  }

  private someoneMoved(frame: Extract<PushedFrame, { type: "presence" }>): void {
    const { dispatch } = this.options.store;
    const { channel } = frame;
    if (frame.full) {
      dispatch(presenceReplaced({ channel, present: frame.present.map((each) => withState(each)) }));
    } else {
      dispatch(presenceMoved({ channel, present: withState(frame) }));
    }
    this.presence.textMoved(chatOf(channel));
  }

  private lost(channel: string): void {
    if (channel === this.userFeed.channel) void this.userFeed.load();
    else this.feeds.of(chatOf(channel))?.lost();
  }

  private async checkSignIn(): Promise<void> {
    if (await isSignedOut()) this.options.store.dispatch(signedOut());
  }

  private signedOut(code: number): void {
    const { dispatch } = this.options.store;
    if (code === WRONG_USER) void dispatch(loadSession());
    else dispatch(signedOut());
  }

  // For people -------------------------------------------------------------------------------------

  private countUnsaved(): void {
    const { store, outbox } = this.options;
    const texts = this.texts.edits.pending.map(({ key, channel, subject, isGiven }) => {
      return { key, chatId: chatOf(channel), messageId: subject, isKept: isGiven && outbox.isKept(key) };
    });
    const commands = this.commands.unsaved().map((each) => ({ ...each, isKept: outbox.isKept(each.key) }));
    const unsaved = [...commands, ...texts];
    const before = store.getState().connection.unsaved;
    if (JSON.stringify(unsaved) !== JSON.stringify(before)) store.dispatch(unsavedChanged(unsaved));
  }

  private keepNow(): void {
    this.texts.edits.keepNow();
    for (const feed of this.feeds.all) feed.keepNow();
  }

  private warn(event: BeforeUnloadEvent): void {
    const { durability, unsaved, drafts } = this.options.store.getState().connection;
    if (durability === "memory" && unsaved.length + drafts.length > 0) event.preventDefault();
  }

  private number(ref: ChatId): ChatId {
    return selectChatNumber(this.options.store.getState(), ref);
  }
}

/** The page's own states, as another page of this product told them. */
function withState<S extends object | null>(present: {
  session: string;
  userId: number;
  name: string;
  state: S;
}) {
  const { session, userId, name, state } = present;
  return { session, userId, name, state: state as S extends null ? PresenceState | null : PresenceState };
}
