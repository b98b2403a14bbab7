/** A real server of WebSockets (RFC 6455, as much of it as a test needs) that says what a test tells it to. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

type Json = Record<string, unknown>;

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const CLOSE = 8;
const LONG = 126;
const FIRST_BYTE = 0x80;

/** What a connection does with each frame that it gets. */
export type Answering = (frame: Json, connection: WireConnection) => void;

export class WireConnection {
  readonly heard: Json[] = [];
  private unread = Buffer.alloc(0);

  constructor(
    private readonly socket: Socket,
    private readonly answer: Answering,
  ) {
    socket.on("data", (bytes) => this.read(bytes));
    socket.on("error", () => {}); // the page has cut it
  }

  say(frame: object | string): void {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    this.write(TEXT, Buffer.from(text));
  }

  close(code: number, reason: string): void {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(code);
    this.write(CLOSE, Buffer.concat([head, Buffer.from(reason)]));
    this.socket.end();
  }

  /** Ends without a word. */
  cut(): void {
    this.socket.destroy();
  }

  private write(kind: number, body: Buffer): void {
    const isLong = body.length >= LONG;
    const head = Buffer.alloc(isLong ? 4 : 2);
    head.writeUInt8(FIRST_BYTE + kind, 0);
    head.writeUInt8(isLong ? LONG : body.length, 1);
    if (isLong) head.writeUInt16BE(body.length, 2);
    this.socket.write(Buffer.concat([head, body]));
  }

  private read(bytes: Buffer): void {
    this.unread = Buffer.concat([this.unread, bytes]);
    for (let frame = this.next(); frame !== null; frame = this.next()) {
      if (frame.kind !== TEXT) continue;
      const heard = JSON.parse(frame.body.toString()) as Json;
      this.heard.push(heard);
      this.answer(heard, this);
    }
  }

  /** The next whole frame; a client masks what it sends. */
  private next(): { kind: number; body: Buffer } | null {
    if (this.unread.length < 4) return null;
    const short = this.unread.readUInt8(1) & 0x7f;
    const start = short === LONG ? 4 : 2;
    const length = short === LONG ? this.unread.readUInt16BE(2) : short;
    const end = start + 4 + length;
    if (this.unread.length < end) return null;
    const kind = this.unread.readUInt8(0) & 0x0f;
    const mask = this.unread.subarray(start, start + 4);
    const body = this.unread.subarray(start + 4, end).map((byte, place) => byte ^ (mask[place % 4] ?? 0));
    this.unread = this.unread.subarray(end);
    return { kind, body: Buffer.from(body) };
  }
}

export class WireServer {
  readonly connections: WireConnection[] = [];
  private readonly http: Server = createServer();

  private constructor(answer: Answering) {
    this.http.on("upgrade", ({ headers }, socket) => {
      const accepted = createHash("sha1").update(`${headers["sec-websocket-key"]}${GUID}`).digest("base64");
      const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
      socket.write([...head, `Sec-WebSocket-Accept: ${accepted}`, "", ""].join("\r\n"));
      this.connections.push(new WireConnection(socket as Socket, answer));
    });
  }

  static async start(answer: Answering): Promise<WireServer> {
    const server = new WireServer(answer);
    await new Promise<void>((done) => server.http.listen(0, "127.0.0.1", done));
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.http.address() as AddressInfo).port}/ws/1`;
  }

  get newest(): WireConnection {
    const newest = this.connections.at(-1);
    if (!newest) throw new Error("Nobody has come.");
    return newest;
  }

  stop(): Promise<void> {
    for (const each of this.connections) each.cut();
    return new Promise((done) => this.http.close(() => done()));
  }
}
