/** A server that is there and cannot read its disk: what it could not give is asked for again by itself. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Chance } from "../../testing/chance";
import { flow } from "../../testing/flow";
import { FakeSocket, LiveServer } from "../../testing/liveServer";
import { MemoryOutbox } from "../../testing/memoryOutbox";
import { Writer } from "../../testing/writer";
import { selectLibrary } from "../library/librarySlice";

const PROBLEM = JSON.stringify({ status: 503, code: "unavailable", detail: "The disk of the server fails." });
const LONGEST_WAIT_MS = 4_000;

let isFailing: boolean;
let server: LiveServer;
let writer: Writer;

beforeEach(async () => {
  vi.useFakeTimers();
  isFailing = true;
  server = new LiveServer();
  FakeSocket.server = server;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", (url: string) =>
    isFailing ? Promise.resolve(new Response(PROBLEM, { status: 503 })) : server.fetch(url),
  );
  writer = new Writer(new MemoryOutbox(), "tab", new Chance(1));
  await writer.start();
  await flow(server, writer);
});
afterEach(() => {
  writer.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const asked = () => vi.spyOn(server, "fetch");

it("the list of chats is loaded once the server can read again, on the same connection", async () => {
  isFailing = false;
  const fetched = asked();
  await vi.advanceTimersByTimeAsync(LONGEST_WAIT_MS);
  await flow(server, writer);
  expect(fetched.mock.calls.some(([url]) => url.startsWith("/api/chats"))).toBe(true);
  expect(selectLibrary(writer.store.getState(), "library")).toEqual([]);
});

it("a subscription that could not be looked up is asked for again", async () => {
  isFailing = false;
  await vi.advanceTimersByTimeAsync(LONGEST_WAIT_MS);
  await flow(server, writer);
  const fetched = asked();
  const error = { type: "error", op: null, channel: "user:1", code: "unavailable", message: "Not just now." };
  server.socket?.deliver(error);
  await vi.advanceTimersByTimeAsync(LONGEST_WAIT_MS);
  await flow(server, writer);
  expect(fetched.mock.calls.some(([url]) => url.startsWith("/api/chats"))).toBe(true);
});
