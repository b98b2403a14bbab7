/** The texts that are being edited here, between the editors, the store, the device and the server. */
import type { ChangeSet } from "@codemirror/state";
import type { ChatId, Limits, MessageId } from "../../api/wire";
import type { Store } from "../../app/store";
import { differenceOf } from "../../realtime/difference";
import type { Line } from "../../realtime/line";
import { randomName } from "../../realtime/names";
import type { Outbox } from "../../realtime/outbox";
import type { DraftRecord } from "../../realtime/outboxStore";
import { changesToJson } from "../../realtime/textChanges";
import { TextEdits } from "../../realtime/textEdits";
import type { QueuedText, TextUpdate } from "../../realtime/textPorts";
import { viewLengthOf } from "../../realtime/textSync";
import { draftDropped, draftKept } from "../connection/connectionSlice";
import { channelOf, chatOf } from "./channel";
import {
  messageNumbered,
  selectChat,
  selectChatNumber,
  selectMessage,
  selectMessageNumber,
  textEdited,
  textShown,
} from "./chatsSlice";

type Listener = (changes: ChangeSet) => void;
type Draft = Omit<DraftRecord, "userId" | "tabId">;
type LostText = Omit<Draft, "kind" | "key">;

/** A text as an editor calls it: by numbers, or by the ops that made the chat and the message. */
interface Place {
  chat: ChatId;
  message: MessageId;
}

/** Where the server has put a message that was added here. */
export interface NumberedMessage {
  channel: string;
  epoch: string;
  messageId: number;
  offset: number;
}

/** What a `chat_update` has besides its changes. */
const FRAME_BYTES = 1_000;
const TAKEN_OVER =
  "This tab was asleep, and another tab of yours went on with its text. What you typed here last may be missing there.";
const NOT_SHOWN = "The message that you were writing is no longer here.";

export interface ChatTextPorts {
  store: Store;
  outbox: Outbox;
  line: Line;
  limits(): Limits;
  /** How many changes are on their way has changed. */
  changed(): void;
  /** The log no longer reaches back to what is being edited in this channel. */
  tooOld(channel: string): void;
}

export class ChatTexts {
  readonly edits: TextEdits;
  private readonly listeners = new Map<Listener, Place>();
  /** What was typed into texts that are not there, by the draft that keeps it. */
  private readonly homeless = new Map<string, Draft>();

  constructor(private readonly ports: ChatTextPorts) {
    this.edits = new TextEdits({
      keep: (record) => ports.outbox.put(record),
      drop: (key) => ports.outbox.remove(key),
      leave: (key) => ports.outbox.leave(key),
      forgetOlder: (key) => ports.outbox.forgetOlder(key),
      send: (update) => this.send(update),
      newName: randomName,
      room: () => ({
        bytes: ports.limits().maxFrameBytes - FRAME_BYTES,
        values: ports.limits().maxFrameValues / 2, // what others write meanwhile may take it apart further
      }),
      random: Math.random,
      viewed: (channel, subject, changes) => this.viewed(chatOf(channel), subject, changes),
      shown: (channel, messageId, text, at) =>
        void ports.store.dispatch(textShown({ chatId: chatOf(channel), text: { messageId, text, at } })),
      changed: ports.changed,
      refused: (name, lost) => this.keepDraft(name, lost),
      tooOld: ports.tooOld,
    });
  }

  /** A change that was typed here. It is on its way or in a draft afterwards, whatever has become of the message. */
  edit(ref: ChatId, messageRef: MessageId, changes: ChangeSet): void {
    if (changes.empty) return;
    const state = this.ports.store.getState();
    const [chatId, messageId] = [selectChatNumber(state, ref), selectMessageNumber(state, messageRef)];
    const chat = selectChat(state, ref);
    const message = selectMessage(state, ref, messageRef);
    const sync = this.edits.sync(channelOf(chatId), messageId);
    const text = message?.content ?? "";
    const length = sync ? viewLengthOf(sync) : message?.content.length;
    if (length !== changes.length) {
      this.keepHomeless(chatId, messageId, changes);
      return;
    }
    const offset = Math.max(chat?.offset ?? 0, message?.at ?? 0);
    this.ports.store.dispatch(textEdited({ chatId, messageId, changes: changesToJson(changes) }));
    this.edits.type(channelOf(chatId), messageId, changes, { epoch: chat?.epoch ?? "", offset, text });
  }

  /** Tells each change of the view that was not typed here. */
  onText(chat: ChatId, message: MessageId, listener: Listener): () => void {
    this.listeners.set(listener, { chat, message });
    return () => this.listeners.delete(listener);
  }

  tell(chatId: ChatId, messageId: MessageId, changes: ChangeSet): void {
    const wanted = this.nameOf({ chat: chatId, message: messageId });
    for (const [listener, place] of [...this.listeners]) if (this.nameOf(place) === wanted) listener(changes);
  }

  /** Does what changes whole texts, and tells the open editors what it has changed in theirs. */
  telling(act: () => void): void {
    const before = [...this.listeners].map(([listener, place]) => {
      return { listener, place, text: this.contentOf(place) };
    });
    act();
    for (const { listener, place, text } of before) {
      const now = this.contentOf(place);
      if (text !== undefined && now !== undefined && text !== now) listener(differenceOf(text, now));
    }
  }

  /**
   * A message that was added here has a number: everything that calls it by its `op` goes on under the number. It may
   * be said twice, by the answer and by the entry. Resolves when it is kept on the device.
   */
  async numbered(op: string, { channel, epoch, messageId, offset }: NumberedMessage): Promise<void> {
    let kept = Promise.resolve();
    this.telling(() => {
      this.ports.store.dispatch(messageNumbered({ op, messageId, offset }));
      kept = this.edits.renamed(op, { channel, subject: messageId, epoch, offset });
    });
    await kept;
  }

  /** What another tab left behind. */
  adopt(records: QueuedText[]): void {
    this.telling(() => this.edits.adopt(records));
  }

  /** Another tab sends what this one had kept. */
  takenOver(): void {
    this.edits.handOver((key) => this.ports.outbox.isKept(key), TAKEN_OVER);
  }

  private nameOf({ chat, message }: Place): string {
    const state = this.ports.store.getState();
    return `${selectChatNumber(state, chat)}/${selectMessageNumber(state, message)}`;
  }

  private contentOf({ chat, message }: Place): string | undefined {
    return selectMessage(this.ports.store.getState(), chat, message)?.content;
  }

  /** The last keystrokes into a message that has just gone: the editor closes in a moment. */
  private keepHomeless(chatId: ChatId, messageId: MessageId, changes: ChangeSet): void {
    const typed: string[] = [];
    changes.iterChanges((_from, _to, _fromB, _toB, inserted) => typed.push(inserted.toString()));
    const name = this.nameOf({ chat: chatId, message: messageId });
    const lost = { channel: channelOf(chatId), subject: messageId, text: "", sentence: NOT_SHOWN };
    const draft = this.homeless.get(name) ?? newDraft(randomName(), lost);
    const longer: Draft = { ...draft, text: draft.text + typed.join("") };
    if (longer.text === "") return;
    this.homeless.set(name, longer);
    this.putDraft(longer);
  }

  /** Kept again under the same name, as after a crash, it is one draft. */
  keepDraft(name: string, lost: LostText): void {
    this.putDraft(newDraft(name, lost));
  }

  private putDraft(draft: Draft): void {
    void this.ports.outbox.put(draft);
    this.showDraft(draft);
  }

  showDraft({ key, channel, subject, text, sentence }: Draft): void {
    this.ports.store.dispatch(
      draftKept({ key, chatId: chatOf(channel), messageId: subject, text, sentence }),
    );
  }

  discardDraft(key: string): void {
    // It goes from the page when it has gone from the device: otherwise a reload could bring it back.
    void this.ports.outbox.remove(key).then(() => this.ports.store.dispatch(draftDropped(key)));
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
}

const newDraft = (name: string, lost: LostText): Draft => ({ kind: "draft", key: `draft:${name}`, ...lost });
