/** A server for one person's tab whose answers, entries and pages come in whatever order a test wants. */
import { ChangeSet } from "@codemirror/state";
import type { ChatEntry, Message } from "../api/wire";
import { applyTo, type ChangeJson, changesFrom, changesToJson } from "../realtime/textChanges";

type Json = Record<string, unknown>;
type Body<T> = T extends ChatEntry ? Omit<T, "channel" | "offset" | "op" | "by" | "at"> : never;

const LIMITS = {
  maxFrameBytes: 100_000,
  maxFrameValues: 100_000,
  maxSubscriptions: 10,
  maxTextUnits: 100_000,
  maxPresenceBytes: 4_096,
  heartbeatIntervalMs: 25_000,
};

interface StoredChat {
  id: number;
  log: ChatEntry[];
  order: number[];
  messages: Map<number, Message>;
}

/** One connection: frames on their way in both directions, and what it listens to. */
export class FakeSocket {
  static readonly OPEN = 1;
  static server: LiveServer;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  toServer: Json[] = [];
  toClient: Json[] = [];
  /** The next offset of each channel that is listened to. */
  readonly next = new Map<string, number>();

  constructor() {
    FakeSocket.server.sockets.push(this);
  }

  send(text: string): void {
    this.toServer.push(JSON.parse(text) as Json);
  }

  close(): void {
    this.readyState = 3;
  }

  deliver(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

interface Request {
  url: string;
  answer: Response | null;
  resolve(response: Response): void;
  reject(error: Error): void;
}

export class LiveServer {
  readonly chats = new Map<number, StoredChat>();
  sockets: FakeSocket[] = [];
  requests: Request[] = [];
  isUp = true;
  private readonly acks = new Map<string, Json>();
  private messageIds = 100;

  /** The newest connection, if it stands. */
  get socket(): FakeSocket | undefined {
    return this.sockets.findLast((each) => each.readyState === FakeSocket.OPEN);
  }

  get isQuiet(): boolean {
    const { socket } = this;
    if (!socket || this.requests.length > 0) return false;
    return socket.toServer.length === 0 && socket.toClient.length === 0 && this.waiting(socket).length === 0;
  }

  text(chatId: number, messageId: number): string {
    return this.chats.get(chatId)?.messages.get(messageId)?.content ?? "";
  }

  // What happens --------------------------------------------------------------------------------------

  /** Connections that wait to be opened are. */
  openSockets(): void {
    if (!this.isUp) return;
    for (const each of this.sockets) {
      if (each.readyState !== 0) continue;
      each.readyState = FakeSocket.OPEN;
      each.onopen?.();
    }
  }

  takeFrame(): void {
    const { socket } = this;
    const frame = socket?.toServer.shift();
    if (socket && frame) this.receive(socket, frame);
  }

  deliverAnswer(): void {
    const { socket } = this;
    const frame = socket?.toClient.shift();
    if (!socket || !frame) return;
    if (frame.type === "subscribed") socket.next.set(frame.channel as string, frame.after as number);
    socket.deliver(frame);
  }

  deliverEntry(): void {
    const { socket } = this;
    const entry = socket && this.waiting(socket)[0];
    if (!socket || !entry) return;
    socket.next.set(entry.channel, entry.offset + 1);
    socket.deliver(entry);
  }

  /** The page is read now, and comes later. */
  readPage(): void {
    const request = this.requests.find((each) => each.answer === null);
    if (request) request.answer = this.respond(request.url);
  }

  deliverPage(): void {
    const index = this.requests.findIndex((each) => each.answer !== null);
    const [request] = index < 0 ? [] : this.requests.splice(index, 1);
    if (request?.answer) request.resolve(request.answer);
  }

  /** The connection breaks: what was on its way is lost, except the first `arrived` frames to the server. */
  cut(arrived: number): void {
    const { socket } = this;
    for (let frame = 0; frame < arrived; frame++) this.takeFrame();
    for (const each of this.requests.splice(0)) each.reject(new TypeError("no network"));
    for (const each of this.sockets.filter((other) => other.readyState !== 3)) {
      each.readyState = 3;
      each.onclose?.({ code: 1006, reason: "" });
    }
    if (socket) this.sockets = [];
  }

  fetch(url: string): Promise<Response> {
    if (!this.isUp) return Promise.reject(new TypeError("no network"));
    return new Promise((resolve, reject) => this.requests.push({ url, answer: null, resolve, reject }));
  }

  /** Somebody else types. */
  typeElsewhere(chatId: number, messageId: number, at: number, insert: string): void {
    const { length } = this.text(chatId, messageId);
    const changes = changesToJson(ChangeSet.of({ from: Math.min(at, length), insert }, length));
    this.update(chatId, messageId, this.head(chatId), changes, null);
  }

  /** Somebody else adds a message. */
  addElsewhere(chatId: number): void {
    this.add(chatId, "", null);
  }

  head(chatId: number): number {
    return this.chats.get(chatId)?.log.length ?? 0;
  }

  // Frames --------------------------------------------------------------------------------------------

  private receive(socket: FakeSocket, frame: Json): void {
    for (const answer of this.answersTo(socket, frame)) socket.toClient.push(answer);
  }

  private answersTo(socket: FakeSocket, frame: Json): Json[] {
    switch (frame.type) {
      case "hello": {
        const welcome = {
          type: "welcome",
          session: "me",
          userId: 1,
          heads: {},
          limits: LIMITS,
          serverTime: 0,
        };
        return [welcome, ...(frame.channels as Json[]).map((each) => this.subscribed(each))];
      }
      case "subscribe":
        return [this.subscribed(frame)];
      case "unsubscribe":
        this.unsubscribe(socket, frame.channel);
        return [{ type: "unsubscribed", channel: frame.channel }];
      case "presence":
        return this.listens(socket, frame.channel as string) ? [] : [refusal(frame, "not_subscribed")];
      case "heartbeat":
        return [];
      default:
        return [this.command(frame)];
    }
  }

  private unsubscribe(socket: FakeSocket, channel: unknown): void {
    socket.next.delete(String(channel));
    const isItsAnswer = (each: Json) => each.type === "subscribed" && each.channel === channel;
    socket.toClient = socket.toClient.filter((each) => !isItsAnswer(each));
  }

  private listens(socket: FakeSocket, channel: string): boolean {
    const isOnTheWay = (each: Json) => each.type === "subscribed" && each.channel === channel;
    return socket.next.has(channel) || socket.toClient.some(isOnTheWay);
  }

  private subscribed({ channel, offset }: Json): Json {
    const head = this.logOf(String(channel)).length;
    return { type: "subscribed", channel, epoch: "e", head, after: (offset as number) + 1 };
  }

  private waiting(socket: FakeSocket): ChatEntry[] {
    return [...socket.next].flatMap(([channel, next]) => {
      const entry = this.logOf(channel)[next - 1];
      return entry ? [entry] : [];
    });
  }

  private logOf(channel: string): ChatEntry[] {
    const [, chatId] = /^chat:(\d+)$/.exec(channel) ?? [];
    return this.chats.get(Number(chatId))?.log ?? [];
  }

  private command(frame: Json): Json {
    const op = frame.op as string;
    const known = this.acks.get(op);
    if (known) return known;
    const made = this.carryOut(frame, op);
    const ack = { type: "ack", op, ...made };
    this.acks.set(op, ack);
    return ack;
  }

  private carryOut(frame: Json, op: string): Json {
    const given = frame.chat as Json;
    if (frame.type === "chat_create") return this.create(op);
    const chatId = this.chatId(given.id as string | number);
    const channel = `chat:${chatId}`;
    if (frame.type === "message_add") {
      const messageId = this.add(chatId, (frame.message as Json).content as string, op);
      return { channel, offset: this.head(chatId), result: { chatId, messageId } };
    }
    const { messageId, base, changes } = given as { messageId: number; base: number; changes: ChangeJson };
    this.update(chatId, messageId, base, changes, op);
    return { channel, offset: this.head(chatId), result: { chatId, messageId } };
  }

  private chatId(ref: string | number): number {
    if (typeof ref === "number") return ref;
    const made = this.acks.get(ref)?.result as { chatId: number } | undefined;
    if (!made) throw new Error(`There is no chat ${ref}.`);
    return made.chatId;
  }

  private create(op: string): Json {
    const id = this.chats.size + 1;
    this.chats.set(id, { id, log: [], order: [], messages: new Map() });
    this.append(id, op, { type: "chat_created", title: "New" });
    return { channel: `chat:${id}`, offset: 1, result: { chatId: id } };
  }

  private add(chatId: number, content: string, op: string | null): number {
    const chat = this.stored(chatId);
    const after = chat.order.at(-1) ?? null;
    const id = this.messageIds++;
    const nothing = { author: null, model: null, createdAt: 1, editedAt: null, parts: [], siblings: [] };
    const message: Message = { id, role: "user", content, hidden: false, ...nothing };
    chat.messages.set(id, message);
    chat.order.push(id);
    this.append(chatId, op, { type: "message_added", message: { ...message }, after });
    return id;
  }

  private update(
    chatId: number,
    messageId: number,
    base: number,
    given: ChangeJson,
    op: string | null,
  ): void {
    const chat = this.stored(chatId);
    const message = chat.messages.get(messageId);
    if (!message) throw new Error(`There is no message ${messageId}.`);
    let changes = changesFrom(given);
    for (const entry of chat.log.slice(base)) {
      if (entry.type !== "chat_updated" || entry.chat.messageId !== messageId) continue;
      changes = changes.map(changesFrom(entry.chat.changes));
    }
    message.content = applyTo(message.content, changes);
    const chatUpdate = { id: chatId, messageId, changes: changesToJson(changes) };
    this.append(chatId, op, { type: "chat_updated", chat: chatUpdate });
  }

  private append(chatId: number, op: string | null, body: Body<ChatEntry>): void {
    const { log } = this.stored(chatId);
    log.push({ channel: `chat:${chatId}`, offset: log.length + 1, op, by: 1, at: 2, ...body } as ChatEntry);
  }

  private stored(chatId: number): StoredChat {
    const chat = this.chats.get(chatId);
    if (!chat) throw new Error(`There is no chat ${chatId}.`);
    return chat;
  }

  // Pages ---------------------------------------------------------------------------------------------

  private respond(url: string): Response {
    const chatId = /^\/api\/chats\/(\d+)/.exec(url)?.[1];
    const list = { items: [], unread: 0, next: null, channel: "user:1", epoch: "e", offset: 0 };
    return Response.json(chatId === undefined ? list : this.page(Number(chatId)));
  }

  private page(chatId: number): Json {
    const { order, messages } = this.stored(chatId);
    const shown = order.map((id) => ({ ...messages.get(id) }));
    const times = { createdAt: 1, updatedAt: 1, archivedAt: null, deletedAt: null };
    const place = { channel: `chat:${chatId}`, epoch: "e", offset: this.head(chatId) };
    const chat = { id: chatId, title: "New", platform: null, role: "owner", members: [], ...times, ...place };
    return { ...chat, messages: shown, messageCount: shown.length, next: null };
  }
}

const refusal = ({ channel }: Json, code: string): Json => ({
  type: "error",
  op: null,
  channel,
  code,
  message: "No.",
});
