/** The texts that are being edited here, between the editors, the store, the device and the server. */
import type { ChangeSet } from "@codemirror/state";
import type { ChatId, MessageId } from "../../api/wire";
import type { Store } from "../../app/store";
import { differenceOf } from "../../realtime/difference";
import type { Line } from "../../realtime/line";
import { randomName } from "../../realtime/names";
import type { Outbox } from "../../realtime/outbox";
import type { DraftRecord } from "../../realtime/outboxStore";
import { changesToJson } from "../../realtime/textChanges";
import { TextEdits, type TextUpdate } from "../../realtime/textEdits";
import { draftDropped, draftKept } from "../connection/connectionSlice";
import { channelOf, chatOf } from "./channel";
import { selectChat, selectChatNumber, selectMessage, textEdited, textShown } from "./chatsSlice";

type Listener = (changes: ChangeSet) => void;
type Draft = Omit<DraftRecord, "userId" | "tabId">;

export interface ChatTextPorts {
  store: Store;
  outbox: Outbox;
  line: Line;
  /** How many changes are on their way has changed. */
  changed(): void;
  /** The log no longer reaches back to what is being edited in this channel. */
  tooOld(channel: string): void;
}

export class ChatTexts {
  readonly edits: TextEdits;
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(private readonly ports: ChatTextPorts) {
    this.edits = new TextEdits({
      keep: (record) => ports.outbox.put(record),
      drop: (key) => ports.outbox.remove(key),
      send: (update) => this.send(update),
      newName: randomName,
      random: Math.random,
      viewed: (channel, subject, changes) => this.viewed(chatOf(channel), subject, changes),
      shown: (channel, subject, text, at) => this.shown(chatOf(channel), subject, text, at),
      changed: ports.changed,
      refused: (channel, subject, text, sentence) => this.keepDraft(channel, subject, text, sentence),
      tooOld: ports.tooOld,
    });
  }

  /** A change that was typed here. */
  edit(ref: ChatId, messageRef: MessageId, changes: ChangeSet): void {
    const { store } = this.ports;
    const chat = selectChat(store.getState(), ref);
    const message = selectMessage(store.getState(), ref, messageRef);
    if (!chat || !message || changes.empty) return;
    const at = { epoch: chat.epoch, offset: Math.max(chat.offset, message.at), text: message.content };
    store.dispatch(textEdited({ chatId: chat.id, messageId: message.id, changes: changesToJson(changes) }));
    this.edits.type(channelOf(chat.id), message.id, changes, at);
  }

  /** Tells each change of the view that was not typed here. */
  onText(ref: ChatId, messageRef: MessageId, listener: Listener): () => void {
    const key = `${selectChatNumber(this.ports.store.getState(), ref)}/${messageRef}`;
    const listeners = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(key) === listeners) this.listeners.delete(key);
    };
  }

  /** An editor that was opened before its message had a number listens by its name. */
  tell(chatId: ChatId, messageId: MessageId, changes: ChangeSet): void {
    const key = selectMessage(this.ports.store.getState(), chatId, messageId)?.key ?? messageId;
    for (const id of new Set([messageId, key])) {
      for (const listener of this.listeners.get(`${chatId}/${id}`) ?? []) listener(changes);
    }
  }

  keepDraft(channel: string, subject: MessageId, text: string, sentence: string): void {
    const draft: Draft = { kind: "draft", key: `draft:${randomName()}`, channel, subject, text, sentence };
    void this.ports.outbox.put(draft);
    this.showDraft(draft);
  }

  showDraft({ key, channel, subject, text, sentence }: Draft): void {
    this.ports.store.dispatch(
      draftKept({ key, chatId: chatOf(channel), messageId: subject, text, sentence }),
    );
  }

  discardDraft(key: string): void {
    void this.ports.outbox.remove(key);
    this.ports.store.dispatch(draftDropped(key));
  }

  /** A message that was added here is sent nothing before it has its number. */
  private send({ op, channel, subject, base, changes }: TextUpdate): boolean {
    if (typeof subject === "string" || !this.ports.line.isCurrent(channel)) return false;
    const chat = { id: chatOf(channel), messageId: subject, base, changes: changesToJson(changes) };
    return this.ports.line.send({ type: "chat_update", op, chat });
  }

  private viewed(chatId: ChatId, messageId: MessageId, changes: ChangeSet): void {
    this.ports.store.dispatch(textEdited({ chatId, messageId, changes: changesToJson(changes) }));
    this.tell(chatId, messageId, changes);
  }

  private shown(chatId: ChatId, messageId: MessageId, text: string, at: number): void {
    const { store } = this.ports;
    const before = selectMessage(store.getState(), chatId, messageId)?.content;
    store.dispatch(textShown({ chatId, text: { messageId, text, at } }));
    if (before !== undefined && before !== text) this.tell(chatId, messageId, differenceOf(before, text));
  }
}
