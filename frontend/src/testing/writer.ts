/** A person in a tab of the real page without its screen: makes a chat, adds messages, types into editors. */
import { ChangeSet } from "@codemirror/state";
import type { ChatId } from "../api/wire";
import { createStore, type Store } from "../app/store";
import {
  chatCreatedHere,
  selectChat,
  selectChatNumber,
  selectMessage,
  selectMessageIds,
} from "../features/chats/chatsSlice";
import { durabilityFound } from "../features/connection/connectionSlice";
import { LiveCore } from "../features/live/liveCore";
import { Outbox } from "../realtime/outbox";
import type { OutboxStore } from "../realtime/outboxStore";
import { LiveSocket } from "../realtime/socket";
import { applyTo } from "../realtime/textChanges";
import type { Chance } from "./chance";
import { snapshotsIn } from "./memorySnapshots";

/** Each character is typed once in all, so that a lost or doubled one is seen. */
const FIRST_CHARACTER = 0x4e00;

interface OpenEditor {
  /** The message's op, which stays its key. */
  key: string;
  text: string;
  caret: number;
  chatId: ChatId;
  messageId: string | number;
  close(): void;
}

export class Writer {
  readonly store: Store = createStore();
  readonly core: LiveCore;
  typed = "";
  /** How the address names the chat. */
  chatId: ChatId = "";
  editor: OpenEditor | null = null;
  readonly added: string[] = [];
  /** What this device keeps of what was read. */
  readonly copies = new Map<string, unknown>();
  private readonly outbox: Outbox;
  private readonly socket: LiveSocket;
  private leaveChat = () => {};

  constructor(
    disk: OutboxStore,
    tabId: string,
    private readonly chance: Chance,
    private characters = FIRST_CHARACTER,
  ) {
    const tabs = {
      id: tabId,
      whenGone: (_id: string, then: () => void) => then(),
      take: () => {},
      isTaken: () => false,
      renew: () => {},
      close: () => {},
    };
    this.outbox = new Outbox(disk, 1, tabs, {
      adopted: (records) => this.core.adopt(records),
      durability: (durability) => this.store.dispatch(durabilityFound(durability)),
      takenOver: () => this.core.takenOver(),
      keptChanged: () => this.core.keptChanged(),
    });
    const { store, outbox } = this;
    this.core = new LiveCore({ store, user: { id: 1 }, outbox, snapshots: snapshotsIn(this.copies) });
    let heard: ReturnType<LiveCore["attach"]> = {};
    this.socket = new LiveSocket("ws://test", {
      deliver: (frame) => heard.deliver?.(frame),
      lost: (channel) => heard.lost?.(channel),
      caughtUp: (channel) => heard.caughtUp?.(channel),
      refused: () => {},
      away: () => {},
      status: (status) => heard.status?.(status),
    });
    heard = this.core.attach(this.socket);
  }

  async start(): Promise<void> {
    await this.outbox.start();
    this.core.start();
    this.socket.start();
  }

  /** The next character that nobody has typed. */
  get nextCharacter(): number {
    return this.characters;
  }

  newChat(): void {
    const { op } = this.core.command({ type: "chat_create", chat: { title: "New", messages: [] } });
    this.store.dispatch(chatCreatedHere({ op, title: "New", madeAt: 1 }));
    this.openChat(op);
  }

  openChat(chatId: ChatId): void {
    this.leaveChat();
    this.chatId = chatId;
    this.leaveChat = this.core.openChat(chatId);
  }

  addMessage(): void {
    const chat = { id: this.shownChatId() };
    const message = { role: "user", content: "", author: null } as const;
    const { op } = this.core.command({ type: "message_add", chat, message, after: "end" });
    this.added.push(op);
    this.openEditor(op);
  }

  openEditor(key: string): void {
    this.editor?.close();
    const message = selectMessage(this.store.getState(), this.chatId, key);
    if (!message) throw new Error("The message is not there.");
    const text = message.content;
    this.editor = { key, text, caret: text.length, chatId: "", messageId: "", close: () => {} };
    this.listen(this.editor);
  }

  /** A character at the caret, which sometimes moves first. */
  type(): void {
    const { editor } = this;
    if (!editor) return;
    if (this.chance.below(5) === 0) editor.caret = this.chance.below(editor.text.length + 1);
    const character = String.fromCharCode(this.characters++);
    const changes = ChangeSet.of({ from: editor.caret, insert: character }, editor.text.length);
    editor.text = applyTo(editor.text, changes);
    editor.caret += 1;
    this.typed += character;
    this.core.edit(editor.chatId, editor.messageId, changes);
    const { messageId, caret } = editor;
    this.core.setCursor(editor.chatId, { messageId, anchor: caret, head: caret });
  }

  /** React comes to draw what the store has: the address and the editors go on under the numbers. */
  redraw(): void {
    const number = selectChatNumber(this.store.getState(), this.chatId);
    if (number !== this.chatId) this.openChat(number);
    if (this.editor) this.listen(this.editor);
  }

  /** Every message that was added here is on the screen all the time, once, under its key. */
  lookAround(): string[] {
    const state = this.store.getState();
    const shown = selectMessageIds(state, this.chatId).map(
      (id) => selectMessage(state, this.chatId, id)?.key,
    );
    const isFailed = selectChat(state, this.chatId)?.loaded === "error";
    return this.added.filter((key) => isFailed || shown.filter((each) => each === key).length !== 1);
  }

  /** Goes to another place of the page. */
  leave(): void {
    this.editor?.close();
    this.editor = null;
    this.leaveChat();
    this.leaveChat = () => {};
  }

  close(): void {
    this.editor?.close();
    this.leaveChat();
    this.core.close();
    this.socket.stop();
    this.outbox.close();
  }

  private shownChatId(): ChatId {
    return selectChat(this.store.getState(), this.chatId)?.id ?? this.chatId;
  }

  private listen(editor: OpenEditor): void {
    editor.close();
    editor.chatId = this.shownChatId();
    editor.messageId = selectMessage(this.store.getState(), this.chatId, editor.key)?.id ?? editor.key;
    const leaveText = this.core.onText(editor.chatId, editor.messageId, (changes) => {
      editor.text = applyTo(editor.text, changes);
      editor.caret = changes.mapPos(editor.caret, -1);
    });
    const leaveCursors = this.core.onCursors(editor.chatId, editor.messageId, () => {});
    editor.close = () => {
      leaveText();
      leaveCursors();
    };
  }
}
