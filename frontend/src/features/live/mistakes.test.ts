/** The server makes a mistake with a change (rule ERR3): it is not sent for ever, and nothing that was typed is lost. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Command } from "../../api/wire";
import { Chance } from "../../testing/chance";
import { flow } from "../../testing/flow";
import { FakeSocket, LiveServer } from "../../testing/liveServer";
import { MemoryOutbox } from "../../testing/memoryOutbox";
import { Writer } from "../../testing/writer";
import { selectKeptDrafts, selectUnsavedCount } from "../connection/connectionSlice";

const SENTENCE = "The server made a mistake with this change.";
let server: LiveServer;
let writer: Writer;
let disk: MemoryOutbox;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new LiveServer();
  FakeSocket.server = server;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", (url: string) => server.fetch(url));
  disk = new MemoryOutbox();
  writer = new Writer(disk, "tab", new Chance(1));
  await writer.start();
  await flow(server, writer);
  writer.newChat();
  writer.addMessage();
  await flow(server, writer);
});
afterEach(() => {
  writer.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** What was sent of this kind is answered with the mistake, now and whenever it should come again. */
async function failEach(type: string): Promise<number> {
  let failed = 0;
  for (let round = 0; round < 100; round++) {
    const frames = server.socket?.toServer ?? [];
    const found = frames.filter((each) => each.type === type);
    for (const each of found) {
      frames.splice(frames.indexOf(each), 1);
      const error = { type: "error", op: each.op, channel: null, code: "internal", message: SENTENCE };
      server.socket?.deliver(error);
      failed += 1;
    }
    await vi.advanceTimersByTimeAsync(1_000);
  }
  return failed;
}

const drafts = () => selectKeptDrafts(writer.store.getState());
const unsaved = () => selectUnsavedCount(writer.store.getState());

it("keeps a text as a draft, with all that was typed while it was on its way", async () => {
  writer.type();
  await vi.advanceTimersByTimeAsync(5);
  writer.type();
  writer.type();
  const text = writer.editor?.text;
  expect(text).toHaveLength(3);
  expect(await failEach("chat_update")).toBe(1);
  expect(drafts()).toMatchObject([{ chatId: 1, text, sentence: SENTENCE }]);
  expect(unsaved()).toBe(0);
  expect((await disk.adopt(1, "tab", "next")).map((each) => each.kind)).toEqual(["draft"]);
});

it("keeps what was written into a message that was not added", async () => {
  writer.addMessage();
  writer.type();
  writer.type();
  const text = writer.editor?.text;
  expect(await failEach("message_add")).toBe(1);
  expect(drafts().map((each) => each.text)).toEqual([text]);
  expect(unsaved()).toBe(0);
});

it("keeps a title that was not stored", async () => {
  const command: Command = { type: "chat_retitle", chat: { id: 1, title: "A long thought" } };
  writer.core.command(command);
  await vi.advanceTimersByTimeAsync(5);
  expect(await failEach("chat_retitle")).toBe(1);
  expect(drafts()).toMatchObject([{ chatId: 1, text: "A long thought" }]);
  expect(unsaved()).toBe(0);
});

it("keeps one draft of a refusal that comes again, because the tab crashed before it had cleared up", async () => {
  writer.addMessage();
  writer.type();
  await vi.advanceTimersByTimeAsync(100);
  const text = writer.editor?.text;
  const before = await disk.adopt(1, "tab", "tab");
  await failEach("message_add");
  await flow(server, writer);
  for (const each of before) await disk.put(each); // the removals never reached the disk
  writer.close();
  writer = new Writer(disk, "next", new Chance(2));
  await writer.start();
  await vi.advanceTimersByTimeAsync(100);
  server.openSockets();
  server.takeFrame();
  server.deliverAnswer();
  await vi.advanceTimersByTimeAsync(100);
  expect(await failEach("message_add")).toBe(1);
  expect(drafts().map((each) => each.text)).toEqual([text]);
  expect(unsaved()).toBe(0);
  expect((await disk.adopt(1, "next", "other")).map((each) => each.kind)).toEqual(["draft"]);
});

it("lets a draft go from the page when it has gone from the device", async () => {
  writer.type();
  await failEach("chat_update");
  const [draft] = drafts();
  let erase = () => {};
  const erased = new Promise<void>((resolve) => {
    erase = resolve;
  });
  const remove = vi.spyOn(disk, "remove").mockReturnValue(erased);
  writer.core.discardDraft(draft?.key ?? "");
  await vi.advanceTimersByTimeAsync(10);
  expect(remove).toHaveBeenCalledWith(draft?.key);
  expect(drafts()).toHaveLength(1);
  erase();
  await vi.advanceTimersByTimeAsync(10);
  expect(drafts()).toEqual([]);
});
