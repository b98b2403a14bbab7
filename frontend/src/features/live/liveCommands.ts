/** Commands of this tab: shown at once, kept, sent, and what their answers mean. */
import type { Ack, ChatId, Command } from "../../api/wire";
import type { Store } from "../../app/store";
import { CommandQueue, type QueuedCommand } from "../../realtime/commandQueue";
import type { Line } from "../../realtime/line";
import { randomName } from "../../realtime/names";
import type { Outbox } from "../../realtime/outbox";
import { channelOf, chatOf } from "../chats/channel";
import type { PendingCommand } from "../chats/chat";
import {
  chatCreatedHere,
  chatNumbered,
  commandAcked,
  commandQueued,
  commandRefused,
  selectChat,
  selectChatNumber,
  selectMessage,
} from "../chats/chatsSlice";
import type { ChatTexts } from "../chats/chatTexts";
import { refused } from "../connection/connectionSlice";
import { Refusal, type SentCommand } from "./LiveContext";

const NOT_ADDED = "This message could not be added.";
const NOT_RENAMED = "This chat could not be renamed.";

export interface LiveCommandPorts {
  store: Store;
  outbox: Outbox;
  line: Line;
  texts: ChatTexts;
  changed(): void;
  /** Texts in this channel have to be sent, whether or not anybody looks at it. */
  followEdits(channel: string): void;
}

interface Waiting {
  resolve(ack: Ack): void;
  reject(refusal: Refusal): void;
}

export class LiveCommands {
  readonly queue: CommandQueue;
  private readonly waiting = new Map<string, Waiting>();
  private readonly numberListeners = new Map<string, Set<() => void>>();

  constructor(private readonly ports: LiveCommandPorts) {
    this.queue = new CommandQueue({
      keep: (record) => ports.outbox.put(record),
      drop: (key) => ports.outbox.remove(key),
      send: (frame) => ports.line.send(frame),
      acked: (record, ack) => this.acked(record, ack),
      refused: (record, code, sentence) => this.refused(record, code, sentence),
      changed: ports.changed,
      random: Math.random,
    });
  }

  send(command: Command): SentCommand {
    const op = randomName();
    const done = new Promise<Ack>((resolve, reject) => this.waiting.set(op, { resolve, reject }));
    done.catch(() => {}); // a refusal is shown by the page even when nobody waits for it
    const record = this.queue.add(op, this.laneOf(op, command), command, Date.now());
    this.show(record);
    return { op, done };
  }

  adopt(records: QueuedCommand[]): void {
    for (const each of records.toSorted((a, b) => a.seq - b.seq)) this.show(each);
    this.queue.adopt(records);
  }

  /** The commands of a chat that the server has not answered. */
  pendingOf(chatId: number): PendingCommand[] {
    return this.queue.all.filter((each) => this.chatOfCommand(each) === chatId).map(asPending);
  }

  /** What is not acknowledged, for people. */
  unsaved() {
    return this.queue.all.map((each) => {
      const messageId = (each.command as Command).type === "message_add" ? each.op : null;
      return { key: each.key, chatId: this.chatOfCommand(each), messageId };
    });
  }

  /** Calls back when the chat that was created as `op` has got its number. */
  onNumber(op: string, listener: () => void): () => void {
    const listeners = this.numberListeners.get(op) ?? new Set();
    this.numberListeners.set(op, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Commands for a chat that is still being created wait for it in its lane. */
  private laneOf(op: string, command: Command): string {
    if (command.type === "chat_create") return op;
    if (!("chat" in command)) return "user";
    const number = this.number(command.chat.id);
    return this.queue.all.find((each) => this.chatOfCommand(each) === number)?.lane ?? String(number);
  }

  private chatOfCommand({ op, command }: QueuedCommand): ChatId | null {
    const given = command as Command;
    if (given.type === "chat_create") return op;
    return "chat" in given ? this.number(given.chat.id) : null;
  }

  private show(record: QueuedCommand): void {
    const { store } = this.ports;
    const command = record.command as Command;
    if (command.type === "chat_create") {
      store.dispatch(
        chatCreatedHere({ op: record.op, title: command.chat.title ?? "", madeAt: record.madeAt }),
      );
    } else if ("chat" in command) {
      store.dispatch(commandQueued({ chatId: command.chat.id, value: asPending(record) }));
    }
  }

  private async acked({ op, command }: QueuedCommand, ack: Ack): Promise<void> {
    const given = command as Command;
    const kept: Promise<void>[] = [];
    if ("chat" in given) kept.push(this.numberChat(given.type === "chat_create" ? op : given.chat.id, ack));
    if (given.type === "message_add") kept.push(this.numberMessage(op, ack));
    if (given.type !== "chat_create" && "chat" in given) {
      this.ports.store.dispatch(commandAcked({ chatId: given.chat.id, op, offset: ack.offset }));
    }
    this.waiting.get(op)?.resolve(ack);
    this.waiting.delete(op);
    await Promise.all(kept);
  }

  /** The answer to any command of a chat that was created here says its number; a new tab may hear no other one. */
  private async numberChat(ref: ChatId, { channel }: Ack): Promise<void> {
    const chatId = chatOf(channel);
    if (typeof ref === "number" || typeof chatId !== "number" || this.number(ref) === chatId) return;
    this.ports.store.dispatch(chatNumbered({ op: ref, chatId }));
    const kept = this.ports.texts.edits.moved(channelOf(ref), channel);
    for (const listener of this.numberListeners.get(ref) ?? []) listener();
    this.numberListeners.delete(ref);
    await kept;
  }

  private async numberMessage(op: string, { channel, offset, result: { messageId } }: Ack): Promise<void> {
    if (typeof messageId !== "number") return;
    const epoch = selectChat(this.ports.store.getState(), chatOf(channel))?.epoch ?? "";
    const kept = this.ports.texts.numbered(op, { channel, epoch, messageId, offset });
    this.ports.followEdits(channel);
    await kept;
  }

  private refused({ op, command }: QueuedCommand, code: string, sentence: string): void {
    const { store } = this.ports;
    const given = command as Command;
    if (given.type === "message_add") this.keepText(op, given);
    if (given.type === "chat_retitle") {
      const channel = channelOf(this.number(given.chat.id));
      const lost = { channel, subject: op, text: given.chat.title, sentence: NOT_RENAMED };
      this.ports.texts.keepDraft(op, lost);
    }
    if (given.type !== "chat_create" && "chat" in given) {
      store.dispatch(commandRefused({ chatId: given.chat.id, value: op }));
    }
    store.dispatch(refused({ key: op, sentence }));
    this.waiting.get(op)?.reject(new Refusal(code, sentence));
    this.waiting.delete(op);
  }

  /** What was written into a message that the server does not want stays as a draft. */
  private keepText(op: string, command: Extract<Command, { type: "message_add" }>): void {
    const { store, texts } = this.ports;
    const channel = channelOf(this.number(command.chat.id));
    if (texts.edits.view(channel, op)) texts.edits.refuseText(channel, op, NOT_ADDED);
    else {
      const text = selectMessage(store.getState(), command.chat.id, op)?.content ?? command.message.content;
      if (text) texts.keepDraft(op, { channel, subject: op, text, sentence: NOT_ADDED });
    }
  }

  private number(ref: ChatId): ChatId {
    return selectChatNumber(this.ports.store.getState(), ref);
  }
}

function asPending({ op, command, madeAt }: QueuedCommand): PendingCommand {
  return { op, command: command as Command, madeAt, ackedAt: null };
}
