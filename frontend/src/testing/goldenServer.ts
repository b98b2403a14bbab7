/** A server that has one golden history: what it says over HTTP, and a log that it replays from any offset. */
import type { Chat, ChatPage, LogEntry, NotificationPage } from "../api/wire";

export interface ChatHistory {
  name: string;
  userId: number;
  before: Chat;
  entries: LogEntry[];
  fresh: Chat;
}

export type Lists = Record<"library" | "archived" | "trash", ChatPage> & { notifications: NotificationPage };

export interface UserHistory {
  name: string;
  userId: number;
  before: Lists;
  entries: LogEntry[];
  fresh: Lists;
}

const LIMITS = {
  maxFrameBytes: 4_000_000,
  maxFrameValues: 4_000_000,
  maxSubscriptions: 10,
  maxTextUnits: 4_000_000,
  maxPresenceBytes: 4_096,
  heartbeatIntervalMs: 1_000_000,
};

interface Asked {
  type: string;
  channel: string;
  epoch: string;
  offset: number;
  channels: Asked[];
}

/** Stands in for WebSocket; `GoldenSocket.server` answers. */
export class GoldenSocket {
  static readonly OPEN = 1;
  static server: GoldenServer;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor() {
    GoldenSocket.server.socket = this;
    queueMicrotask(() => {
      this.readyState = GoldenSocket.OPEN;
      this.onopen?.();
    });
  }

  send(text: string): void {
    for (const frame of answersTo(JSON.parse(text) as Asked)) queueMicrotask(() => this.deliver(frame));
  }

  deliver(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  close(): void {
    this.readyState = 3;
  }
}

function answersTo(frame: Asked): object[] {
  switch (frame.type) {
    case "hello": {
      const welcome = { type: "welcome", session: "me", userId: 1, heads: {}, limits: LIMITS, serverTime: 0 };
      return [welcome, ...frame.channels.map(subscribed)];
    }
    case "subscribe":
      return [subscribed(frame)];
    case "unsubscribe":
      return [{ type: "unsubscribed", channel: frame.channel }];
    default:
      return [];
  }
}

const subscribed = ({ channel, offset }: Asked) => ({
  type: "subscribed",
  channel,
  epoch: "e",
  head: offset,
});

/** Says what is in `pages`, by the beginning of the address. */
export class GoldenServer {
  socket: GoldenSocket | null = null;
  asked: string[] = [];

  constructor(public pages: Record<string, unknown>) {
    GoldenSocket.server = this;
  }

  fetch(url: string): Promise<Response> {
    this.asked.push(url);
    const address = Object.keys(this.pages).find((each) => url.startsWith(each));
    return Promise.resolve(
      address ? Response.json(this.pages[address]) : Response.json({ items: [] }, { status: 200 }),
    );
  }

  /** The log goes on. */
  tell(entries: LogEntry[]): void {
    for (const entry of entries) this.socket?.deliver(entry);
  }
}
