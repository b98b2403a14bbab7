// @vitest-environment node
/** The socket before a real server: what a session (session.test.ts) decides happens on the wire and in time. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type WireConnection, WireServer } from "../testing/wireServer";
import type { SocketStatus } from "./sessionStatus";
import { LiveSocket } from "./socket";

const POSITION = { channel: "chat:1", epoch: "e", offset: 5 };
const HEARTBEAT_MS = 40;
const NEVER_MS = 1_000_000;
const LONG_WAIT = () => 0.999;
const NO_WAIT = () => 0;

let server: WireServer;
let heartbeatIntervalMs: number;
/** Connections that take everything and say nothing, as one whose cable was pulled out far away. */
let deaf: Set<WireConnection>;
let isGreeting: boolean;
let opened: LiveSocket[];

beforeEach(async () => {
  heartbeatIntervalMs = NEVER_MS;
  deaf = new Set();
  isGreeting = true;
  opened = [];
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  server = await WireServer.start((frame, connection) => {
    if (isGreeting && !deaf.has(connection)) for (const each of answersTo(frame)) connection.say(each);
  });
});
afterEach(async () => {
  for (const each of opened) each.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  await server.stop();
});

function answersTo(frame: Record<string, unknown>): object[] {
  switch (frame.type) {
    case "hello": {
      const limits = { maxFrameBytes: 9e6, maxSubscriptions: 9, maxTextUnits: 9e6, maxPresenceBytes: 9e3 };
      const welcome = { type: "welcome", session: "s", userId: 1, heads: {}, serverTime: 0 };
      const subscribed = (frame.channels as object[]).map((each) => ({
        type: "subscribed",
        ...each,
        head: 5,
      }));
      return [{ ...welcome, limits: { ...limits, heartbeatIntervalMs } }, ...subscribed];
    }
    case "heartbeat":
      return [{ type: "heartbeat", heads: {}, serverTime: 0 }];
    default:
      return [];
  }
}

const entry = (offset: number) => ({
  type: "chat_retitled",
  channel: "chat:1",
  offset,
  op: null,
  by: 1,
  at: 0,
  title: "T",
});

interface Seen {
  delivered: string[];
  statuses: SocketStatus[];
  away: number[];
  refused: number;
}

function open(random?: () => number) {
  const seen: Seen = { delivered: [], statuses: [], away: [], refused: 0 };
  const handlers = {
    deliver: (frame: { type: string; offset?: number }) =>
      void seen.delivered.push(frame.offset === undefined ? frame.type : `${frame.type} ${frame.offset}`),
    lost: () => {},
    caughtUp: () => {},
    status: (status: SocketStatus) => void seen.statuses.push(status),
    refused: () => {
      seen.refused += 1;
    },
    away: (code: number) => void seen.away.push(code),
  };
  const socket = new LiveSocket(server.url, handlers as ConstructorParameters<typeof LiveSocket>[1], random);
  opened.push(socket);
  return { socket, seen };
}

const isLive = (socket: LiveSocket) => vi.waitFor(() => expect(socket.isLive).toBe(true));
const come = (count: number) => vi.waitFor(() => expect(server.connections).toHaveLength(count));
const typesIn = ({ heard }: WireConnection) => heard.map((each) => each.type);

async function live(random?: () => number) {
  const { socket, seen } = open(random);
  socket.follow(POSITION);
  socket.start();
  await isLive(socket);
  return { socket, seen };
}

describe("a connection", () => {
  it("begins with hello, and hands on what comes, in order", async () => {
    const { seen } = await live();
    expect(server.newest.heard[0]).toMatchObject({ type: "hello", channels: [POSITION] });
    for (const each of [entry(6), "no JSON", "[]", entry(6), entry(7)]) server.newest.say(each);
    await vi.waitFor(() => expect(seen.delivered).toContain("chat_retitled 7"));
    expect(seen.delivered).toEqual(["welcome", "subscribed 5", "chat_retitled 6", "chat_retitled 7"]);
  });

  it("takes a frame only while it stands", async () => {
    const { socket } = open(LONG_WAIT);
    expect(socket.send({ type: "chat_archive" })).toBe(false);
    socket.start();
    await isLive(socket);
    expect(socket.send({ type: "chat_archive" })).toBe(true);
    await vi.waitFor(() => expect(typesIn(server.newest)).toContain("chat_archive"));
    server.newest.cut();
    await vi.waitFor(() => expect(socket.send({ type: "chat_archive" })).toBe(false));
  });

  it("resumes after a cut from what it has", async () => {
    const { seen } = await live(NO_WAIT);
    server.newest.say(entry(6));
    await vi.waitFor(() => expect(seen.delivered).toContain("chat_retitled 6"));
    server.newest.cut();
    await come(2);
    await vi.waitFor(() =>
      expect(server.newest.heard[0]).toMatchObject({ channels: [{ ...POSITION, offset: 6 }] }),
    );
  });

  it("that is stopped does not come back", async () => {
    const { socket, seen } = await live(NO_WAIT);
    const ended = vi.fn();
    vi.stubGlobal("WebSocket", ended);
    socket.stop();
    const told = seen.statuses.length;
    server.newest.cut();
    window.dispatchEvent(new Event("online"));
    expect(ended).not.toHaveBeenCalled();
    expect(seen.statuses).toHaveLength(told);
  });
});

describe("the watchdog", () => {
  it("gives up a connection on which nothing comes any more, and opens another", async () => {
    heartbeatIntervalMs = HEARTBEAT_MS;
    const { seen } = await live(NO_WAIT);
    const [first] = server.connections as [WireConnection];
    deaf.add(first);
    await come(2);
    expect(typesIn(first)).toContain("heartbeat");
    expect(seen.statuses).toContainEqual(expect.objectContaining({ kind: "offline" }));
  });

  it("does not wait for the end of a dead connection, and takes its late end for nothing", async () => {
    const sockets: WebSocket[] = [];
    vi.stubGlobal(
      "WebSocket",
      class extends WebSocket {
        constructor(url: string) {
          super(url);
          sockets.push(this);
        }
      },
    );
    heartbeatIntervalMs = HEARTBEAT_MS;
    const { socket } = await live(NO_WAIT);
    const [first] = server.connections as [WireConnection];
    heartbeatIntervalMs = NEVER_MS;
    deaf.add(first);
    await come(2);
    await isLive(socket);
    const [firstSocket] = sockets as [WebSocket];
    expect(firstSocket.readyState).not.toBe(WebSocket.CLOSED);
    const end = new Promise((done) => firstSocket.addEventListener("close", done));
    first.cut();
    await end;
    expect(socket.isLive).toBe(true);
    expect(server.connections).toHaveLength(2);
  });
});

describe("coming back", () => {
  it.each(["online", "focus", "pageshow"])("is at once on “%s”, however long the wait", async (name) => {
    const { socket, seen } = await live(LONG_WAIT);
    server.newest.cut();
    await vi.waitFor(() => expect(seen.statuses.at(-1)?.kind).toBe("offline"));
    window.dispatchEvent(new Event(name));
    await come(2);
    await isLive(socket);
  });

  it("is at once when the tab is looked at again", async () => {
    const { socket, seen } = await live(LONG_WAIT);
    server.newest.cut();
    await vi.waitFor(() => expect(seen.statuses.at(-1)?.kind).toBe("offline"));
    document.dispatchEvent(new Event("visibilitychange"));
    await isLive(socket);
  });

  it("is at another moment for each of those who lose their server at one", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const clients = await Promise.all(Array.from({ length: 12 }, () => live()));
    for (const each of server.connections) each.cut();
    const momentOf = ({ statuses }: Seen) =>
      statuses.flatMap((each) => (each.kind === "offline" ? [each.retryAtMs] : []))[0];
    await vi.waitFor(() => {
      for (const { seen } of clients) expect(momentOf(seen)).toBeDefined();
    });
    expect(new Set(clients.map(({ seen }) => momentOf(seen))).size).toBeGreaterThan(8);
  });

  it("is when the server has said", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { seen } = await live(LONG_WAIT);
    server.newest.say({ type: "draining", retryAfterMs: 60_000 });
    server.newest.close(4000, "The server is going away.");
    await vi.waitFor(() => expect(seen.statuses.at(-1)?.kind).toBe("offline"));
    const { retryAtMs } = seen.statuses.at(-1) as { retryAtMs: number };
    expect(retryAtMs - Date.now()).toBeGreaterThanOrEqual(60_000);
  });

  it("is not after a code that says to stay away", async () => {
    const { seen } = await live(NO_WAIT);
    server.newest.close(4500, "You have signed out.");
    await vi.waitFor(() => expect(seen.away).toEqual([4500]));
    expect(seen.statuses.at(-1)).toEqual({ kind: "signed_out", reason: "You have signed out." });
    window.dispatchEvent(new Event("online"));
    expect(server.connections).toHaveLength(1);
  });

  it("lets the page ask whether it is signed in when a connection ends before its welcome", async () => {
    isGreeting = false;
    const { socket, seen } = open(LONG_WAIT);
    socket.start();
    await come(1);
    server.newest.cut();
    await vi.waitFor(() => expect(seen.statuses.at(-1)?.kind).toBe("offline"));
    expect(seen.refused).toBe(1);
  });
});
