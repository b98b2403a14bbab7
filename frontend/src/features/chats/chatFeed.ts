/** One chat that this tab follows: loads its pages, takes in its entries, keeps a copy on the device. */
import type { ChangeSet } from "@codemirror/state";
import { isPassing, isProblem, sentenceOf, tryAgainMs, Unreachable } from "../../api/client";
import { chats } from "../../api/endpoints";
import type { Chat, ChatEntry, MessageId } from "../../api/wire";
import type { Store } from "../../app/store";
import type { Snapshots } from "../../realtime/snapshots";
import { changesFrom, changesToJson } from "../../realtime/textChanges";
import type { TextEdits } from "../../realtime/textEdits";
import type { ViewChange } from "./applyEntry";
import type { OpenChat, PendingCommand } from "./chat";
import {
  chatEnded,
  chatFailed,
  chatOpening,
  chatRestored,
  entryApplied,
  pageLoaded,
  roleFound,
  type ShownText,
  selectChat,
  snapshotLoaded,
  textShown,
} from "./chatsSlice";
import type { ChatTexts } from "./chatTexts";

const REMOVED =
  "The message was removed while you were writing in it. Your text is in it, should it be restored, and here to copy.";
const FIRST_PAGE = 100;
const PAGE = 1000;
const RESTART_MS = 300;
const KEEP_AFTER_MS = 2_000;
/** A larger chat is not copied to the device again and again. */
const MOST_KEPT_UNITS = 8_000_000;

export interface FeedPorts {
  store: Store;
  texts: ChatTexts;
  snapshots: Snapshots;
  userId: number;
  /** Follows a channel from this position, or from where the oldest change on its way stands. */
  follow(channel: string, epoch: string, offset: number): void;
  /** The commands of this chat that the server has not answered. */
  pending(chatId: number): PendingCommand[];
}

export class ChatFeed {
  readonly channel: string;
  /** How many parts of the page look at this chat. */
  viewers = 0;
  private loading: AbortController | null = null;
  /** The entries since the first page was asked for; null when all pages are there. */
  private since: ChatEntry[] | null = null;
  private mustRestart = false;
  private mustLoad = false;
  /** The log does not reach what is shown: entries can only be taken in after the first page of a snapshot. */
  private isLost = false;
  private keeping: ReturnType<typeof setTimeout> | null = null;

  constructor(
    readonly chatId: number,
    private readonly ports: FeedPorts,
  ) {
    this.channel = `chat:${chatId}`;
  }

  /** What this tab still has of the chat is brought up to date by the log; otherwise it is loaded. */
  open(): void {
    const chat = this.chat;
    if (chat?.loaded === "all" && chat.epoch !== "") this.ports.follow(this.channel, chat.epoch, chat.offset);
    else if (!this.loading) this.load();
  }

  load(): void {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.since = [];
    this.mustRestart = false;
    this.mustLoad = false;
    this.ports.store.dispatch(chatOpening(this.chatId));
    this.loadPages(loading.signal)
      .then(() => this.loaded(loading))
      .catch((error: unknown) => this.failed(loading, error));
  }

  /** A new connection: what could not be loaded is tried again. */
  reconnected(): void {
    if (this.mustLoad) this.load();
  }

  /** The log cannot continue: begins again with a snapshot. */
  lost(): void {
    this.isLost = true;
    this.edits.lost(this.channel);
    this.load();
  }

  entry(entry: ChatEntry): void {
    const { store, texts } = this.ports;
    this.number(entry);
    const view = this.edits.received(textEntryOf(entry));
    this.since?.push(entry);
    const before = this.chat;
    if (entry.type === "message_removed" && !before?.pending.some(({ op }) => op === entry.op))
      this.keepRemoved(entry.messageId);
    const changes = this.shownChanges(entry, view);
    store.dispatch(entryApplied({ chatId: this.chatId, entry, view: viewJson(view) }));
    if (entry.type === "message_added" || entry.type === "message_restored") this.showTyped(entry.message.id);
    if (changes && entry.type === "chat_updated") texts.tell(this.chatId, entry.chat.messageId, changes);
    if (before && entry.offset > before.offset) this.afterNews(entry);
  }

  /** The chat cannot be followed: it is shown no longer, no copy stays here, and what was on its way is a draft. */
  refused(sentence: string): void {
    this.loading?.abort();
    this.loading = null;
    this.edits.refuseAll(this.channel, sentence);
    this.ports.store.dispatch(chatEnded({ chatId: this.chatId, value: sentence }));
    this.ports.snapshots.remove(this.channel).catch(() => {}); // the device keeps nothing, or nothing any more
  }

  close(): void {
    this.mustLoad = false;
    this.loading?.abort();
    this.loading = null;
    if (this.keeping !== null) clearTimeout(this.keeping);
    this.keeping = null;
    this.keepNow();
  }

  private get edits(): TextEdits {
    return this.ports.texts.edits;
  }

  private get chat(): OpenChat | undefined {
    return selectChat(this.ports.store.getState(), this.chatId);
  }

  // Loading ----------------------------------------------------------------------------------------

  /**
   * A chat that is shown whole stays as it is until all its pages are there: otherwise what is beyond the first page,
   * with the editor that is open in it, would be gone for a moment.
   */
  private async loadPages(signal: AbortSignal): Promise<void> {
    const isHeldBack = this.chat?.loaded === "all" && !this.isLost;
    const first = await chats.page(this.chatId, null, FIRST_PAGE, signal);
    if (!isHeldBack) this.showFirst(first);
    const following: Chat[] = [];
    for (let next = first.next; next !== null && !this.mustRestart; ) {
      const page = await chats.page(this.chatId, next, PAGE, signal);
      following.push(page);
      next = page.next;
      if (!isHeldBack && !this.mustRestart) this.showNext(page);
    }
    if (!isHeldBack || this.mustRestart) return;
    this.ports.texts.telling(() => {
      this.showFirst(first);
      for (const page of following) this.showNext(page);
    });
  }

  private loaded(loading: AbortController): void {
    if (this.loading !== loading) return;
    this.loading = null;
    this.since = null;
    if (this.mustRestart) this.loadSoon();
    else this.giveUpMissing();
    this.keepNow();
  }

  private loadSoon(): void {
    setTimeout(() => this.loading ?? this.load(), RESTART_MS);
  }

  /** The server is there and cannot answer just now: no new connection tells when it can. */
  private loadLater(): void {
    setTimeout(() => {
      if (this.mustLoad && this.loading === null) this.load();
    }, tryAgainMs());
  }

  /** Texts that wait for a snapshot which does not have them: removed, or on another branch. */
  private giveUpMissing(): void {
    for (const subject of this.edits.lostSubjects(this.channel)) {
      this.edits.refuseText(this.channel, subject, "This message is no longer in the chat.");
    }
  }

  private failed(loading: AbortController, error: unknown): void {
    if (this.loading !== loading) return;
    this.loading = null;
    if (isProblem(error) && (error.status === 422 || error.status === 400) && this.since?.length) {
      this.loadSoon(); // the cursor's message has left the chat meanwhile
    } else if (error instanceof Unreachable || isPassing(error)) {
      void this.showKept(sentenceOf(error));
      if (isPassing(error)) this.loadLater();
    } else {
      this.refused(sentenceOf(error));
    }
  }

  private async showKept(sentence: string): Promise<void> {
    this.mustLoad = true;
    const { store, snapshots } = this.ports;
    if (this.isShown()) return;
    const kept = (await snapshots.read(this.channel).catch(() => undefined)) as OpenChat | undefined;
    if (this.isShown()) return;
    if (!kept) {
      // What was made here stays on the screen, although the chat has a number and could not be loaded yet.
      const isMadeHere = (this.chat?.order.length ?? 0) > 0;
      if (!isMadeHere) store.dispatch(chatFailed({ chatId: this.chatId, value: sentence }));
      return;
    }
    this.mustLoad = false;
    const pending = this.pendingAfter(kept.offset);
    this.ports.texts.telling(() =>
      store.dispatch(chatRestored({ chat: kept, pending, texts: this.shownTexts() })),
    );
    this.ports.follow(this.channel, kept.epoch, kept.offset);
  }

  private isShown(): boolean {
    return this.chat?.loaded === "all" || this.chat?.loaded === "partial";
  }

  private showFirst(page: Chat): void {
    const { store } = this.ports;
    this.isLost = false;
    const oldest = this.edits.oldestPosition(this.channel);
    if (oldest && oldest.epoch !== "" && oldest.epoch !== page.epoch) this.edits.lost(this.channel);
    const texts = this.textsWith(page);
    const [pending, since] = [this.pendingAfter(page.offset), this.since ?? []];
    this.ports.texts.telling(() => store.dispatch(snapshotLoaded({ page, since, pending, texts })));
    this.ports.follow(this.channel, page.epoch, this.chat?.offset ?? page.offset);
  }

  private showNext(page: Chat): void {
    const { store } = this.ports;
    const texts = this.textsWith(page);
    const since = this.since ?? [];
    this.ports.texts.telling(() => store.dispatch(pageLoaded({ page, since, texts })));
  }

  private textsWith(page: Chat): ShownText[] {
    for (const subject of this.edits.lostSubjects(this.channel)) {
      const found = page.messages.find((each) => each.id === subject);
      if (found) this.edits.rebase(this.channel, subject, { ...page, text: found.content });
    }
    return this.shownTexts();
  }

  private shownTexts(): ShownText[] {
    return this.edits.subjects(this.channel).flatMap((messageId) => {
      const view = this.edits.view(this.channel, messageId);
      return view ? [{ messageId, text: view.text, at: view.at }] : [];
    });
  }

  private pendingAfter(offset: number): PendingCommand[] {
    const unanswered = this.ports.pending(this.chatId);
    const known = new Set(unanswered.map((each) => each.op));
    const answered = (this.chat?.pending ?? []).filter(
      (each) => each.ackedAt !== null && each.ackedAt > offset && !known.has(each.op),
    );
    return [...answered, ...unanswered];
  }

  // Entries ----------------------------------------------------------------------------------------

  private number(entry: ChatEntry): void {
    if (entry.type !== "message_added" || entry.op === null) return;
    const { message, offset, op } = entry;
    const to = { channel: this.channel, epoch: this.chat?.epoch ?? "", messageId: message.id, offset };
    void this.ports.texts.numbered(op, to);
  }

  /** A message that comes up may have changes on their way already. */
  private showTyped(messageId: MessageId): void {
    const view = this.edits.view(this.channel, messageId);
    if (!view) return;
    const text = { messageId, text: view.text, at: view.at };
    this.ports.store.dispatch(textShown({ chatId: this.chatId, text }));
  }

  /** Somebody else has removed what is being written here: the server stores it there, where nobody sees it. */
  private keepRemoved(messageId: MessageId): void {
    const view = this.edits.view(this.channel, messageId);
    if (!view) return;
    const lost = {
      channel: this.channel,
      subject: `removed:${messageId}`,
      text: view.text,
      sentence: REMOVED,
    };
    this.ports.texts.keepDraft(`removed:${view.key}`, lost);
  }

  private shownChanges(entry: ChatEntry, view: ChangeSet | "none" | "as_entry"): ChangeSet | null {
    if (entry.type !== "chat_updated" || view === "none") return null;
    const message = this.chat?.messages[entry.chat.messageId];
    if (!message || entry.offset <= message.at) return null;
    return view === "as_entry" ? changesFrom(entry.chat.changes) : view;
  }

  private afterNews(entry: ChatEntry): void {
    if (entry.type === "branch_selected" || entry.type === "messages_imported") this.reload();
    else if (this.loading && isStructural(entry)) this.mustRestart = true;
    if (entry.type === "members_changed") this.findRole(entry.members);
    this.keepSoon();
  }

  private reload(): void {
    if (this.loading) this.mustRestart = true;
    else this.load();
  }

  private findRole(members: { userId: number; role: OpenChat["role"] }[]): void {
    const own = members.find((each) => each.userId === this.ports.userId);
    if (own) this.ports.store.dispatch(roleFound({ chatId: this.chatId, value: own.role }));
  }

  // Keeping ----------------------------------------------------------------------------------------

  private keepSoon(): void {
    this.keeping ??= setTimeout(() => {
      this.keeping = null;
      this.keepNow();
    }, KEEP_AFTER_MS);
  }

  /** Copies the chat as it is to the device. */
  keepNow(): void {
    const { chat } = this;
    if (chat?.loaded !== "all" || chat.epoch === "") return;
    const units = Object.values(chat.messages).reduce((sum, each) => sum + each.content.length, 0);
    if (units > MOST_KEPT_UNITS) return;
    this.ports.snapshots.keep(this.channel, this.withoutPending(chat)).catch(() => {}); // it is only a copy
  }

  /** The chat as the log has it. */
  private withoutPending(chat: OpenChat): OpenChat {
    const shown = chat.base.order.map((id) => [id, chat.messages[id]]);
    const messages: OpenChat["messages"] = Object.fromEntries(shown.filter(([, message]) => message));
    for (const subject of this.edits.subjects(this.channel)) {
      const message = messages[subject];
      const sync = this.edits.sync(this.channel, subject);
      if (message && sync) messages[subject] = { ...message, content: sync.text, at: sync.offset };
    }
    return { ...chat, ...chat.base, messages, pending: [] };
  }
}

function textEntryOf(entry: ChatEntry) {
  const { channel, offset, op } = entry;
  if (entry.type !== "chat_updated") return { channel, offset, op, change: null };
  return {
    channel,
    offset,
    op,
    change: { subject: entry.chat.messageId, changes: changesFrom(entry.chat.changes) },
  };
}

const viewJson = (view: ChangeSet | "none" | "as_entry"): ViewChange =>
  typeof view === "string" ? view : changesToJson(view);

const isStructural = ({ type }: ChatEntry): boolean =>
  type === "message_added" ||
  type === "message_removed" ||
  type === "message_restored" ||
  type === "message_moved";
