/** What ends, and who is where: rights that are taken away, and presence. */
import { ChangeSet } from "@codemirror/state";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Chance } from "../../testing/chance";
import { flow } from "../../testing/flow";
import { FakeSocket, LiveServer } from "../../testing/liveServer";
import { MemoryOutbox } from "../../testing/memoryOutbox";
import { Writer } from "../../testing/writer";
import { selectChat, selectMessageIds } from "../chats/chatsSlice";
import { selectKeptDrafts, selectUnsavedCount } from "../connection/connectionSlice";
import type { PersonCursor } from "./LiveContext";

let server: LiveServer;
let writer: Writer;
let mistakes: unknown[];

beforeEach(async () => {
  vi.useFakeTimers();
  server = new LiveServer();
  FakeSocket.server = server;
  mistakes = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", (url: string) => server.fetch(url));
  vi.stubGlobal("reportError", (error: unknown) => mistakes.push(error));
  writer = new Writer(new MemoryOutbox(), "tab", new Chance(1));
  await writer.start();
  await flow(server, writer);
  writer.newChat();
  writer.addMessage();
  await flow(server, writer);
  writer.type();
  await flow(server, writer);
  await vi.advanceTimersByTimeAsync(3_000); // the chat is copied to the device
});
afterEach(() => {
  writer.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const state = () => writer.store.getState();
const revoked = { type: "revoked", channel: "chat:1", reason: "No longer yours." };
const forbidden = {
  type: "error",
  op: null,
  channel: "chat:1",
  code: "forbidden",
  message: "No longer yours.",
};

describe.each([
  ["revoked", revoked],
  ["forbidden", forbidden],
])("a chat that is %s", (_name, frame) => {
  it("leaves neither its copy nor its texts here, and what was on its way is a draft", async () => {
    expect(writer.copies.has("chat:1")).toBe(true);
    writer.type();
    writer.type();
    server.socket?.deliver(frame);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(writer.copies.has("chat:1")).toBe(false);
    expect(selectChat(state(), 1)).toMatchObject({
      loaded: "error",
      error: expect.stringMatching(/^No longer yours|no longer shared with you/),
      messages: {},
    });
    expect(selectKeptDrafts(state())).toMatchObject([{ chatId: 1, text: writer.typed }]);
    expect(selectUnsavedCount(state())).toBe(0);
  });

  it("keeps the keys that are pressed before the editor closes", async () => {
    server.socket?.deliver(frame);
    const { typed } = writer;
    writer.type();
    writer.type();
    expect(selectKeptDrafts(state()).map((each) => each.text)).toEqual([writer.typed.slice(typed.length)]);
  });
});

it("a chat that left the list is not kept, although nobody looks at it", async () => {
  writer.leave();
  expect(writer.copies.has("chat:1")).toBe(true);
  const unlisted = { type: "chat_unlisted", chatId: 1, channel: "user:1", offset: 1, op: null, by: 2, at: 3 };
  server.socket?.deliver(unlisted);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(writer.copies.has("chat:1")).toBe(false);
  expect(selectChat(state(), 1)).toBeUndefined();
});

describe("presence", () => {
  const mira = (offset: number) => {
    const [messageId] = selectMessageIds(state(), 1);
    return { session: "s2", userId: 2, name: "Mira", state: { messageId, anchor: 0, head: 0, offset } };
  };
  const namesIn = (cursors: PersonCursor[]) => cursors.map((each) => each.name);

  it("shows a cursor at once although its text is newer than the one here", async () => {
    const [messageId] = selectMessageIds(state(), 1);
    let shown: string[] = [];
    writer.core.onCursors(1, Number(messageId), (cursors) => {
      shown = namesIn(cursors);
    });
    server.socket?.deliver({ type: "presence", channel: "chat:1", full: false, ...mira(99) });
    expect(shown).toEqual(["Mira"]);
  });

  it("forgets with each new subscription who was here before", async () => {
    const [messageId] = selectMessageIds(state(), 1);
    let shown: string[] = [];
    writer.core.onCursors(1, Number(messageId), (cursors) => {
      shown = namesIn(cursors);
    });
    server.socket?.deliver({ type: "presence", channel: "chat:1", full: true, present: [mira(3)] });
    expect(shown).toEqual(["Mira"]);
    server.socket?.deliver({ type: "subscribed", channel: "chat:1", epoch: "e", head: server.head(1) });
    expect(shown).toEqual([]);
  });

  it("is told with the cursor in a chat that has just got its number", async () => {
    const told: unknown[] = [];
    const { socket } = server;
    if (socket) socket.send = (text) => void told.push(JSON.parse(text));
    server.socket?.deliver({ type: "subscribed", channel: "chat:1", epoch: "e", head: server.head(1) });
    const [messageId] = selectMessageIds(state(), 1);
    const { length } = writer.typed;
    const cursor = { messageId, anchor: length, head: length, offset: server.head(1) };
    expect(told).toEqual([{ type: "presence", channel: "chat:1", state: cursor }]);
  });

  it("stops no frame, whatever goes wrong in it", async () => {
    const [messageId] = selectMessageIds(state(), 1);
    let isBroken = false;
    writer.core.onCursors(1, Number(messageId), () => {
      if (isBroken) throw new Error("The editor is gone.");
    });
    isBroken = true;
    server.typeElsewhere(1, Number(messageId), 0, "x");
    await flow(server, writer);
    expect(writer.editor?.text).toBe(`x${writer.typed}`);
    expect(mistakes.length).toBeGreaterThan(0);
  });

  it("takes a cursor beyond the end of a text that has become shorter", async () => {
    const [messageId] = selectMessageIds(state(), 1);
    writer.core.setCursor(1, { messageId: Number(messageId), anchor: 900, head: 900 });
    const { length } = writer.editor?.text ?? "";
    writer.core.edit(1, Number(messageId), ChangeSet.of({ from: 0, to: length }, length));
    await vi.advanceTimersByTimeAsync(100);
    expect(mistakes).toEqual([]);
    expect(server.socket?.toServer).toContainEqual(expect.objectContaining({ type: "presence" }));
  });
});
