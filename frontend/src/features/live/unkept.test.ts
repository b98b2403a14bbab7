/** Where a text is while it is not on the server: what the page says of it, and whether it asks before it goes (P2). */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OutboxRecord } from "../../realtime/outboxStore";
import { Chance } from "../../testing/chance";
import { flow } from "../../testing/flow";
import { FakeSocket, LiveServer } from "../../testing/liveServer";
import { MemoryOutbox } from "../../testing/memoryOutbox";
import { Writer } from "../../testing/writer";
import { selectSaveState, selectWaiting } from "../connection/connectionSlice";
import { statusWords } from "../connection/words";

const LOOK_MS = 5_000;

/** A device that takes what it is given, or refuses it, or is asked and does not answer yet. */
class Device extends MemoryOutbox {
  mood: "willing" | "full" | "slow" = "willing";
  private readonly waiting: (() => void)[] = [];

  override put(record: OutboxRecord): Promise<void> {
    switch (this.mood) {
      case "willing":
        return super.put(record);
      case "full":
        return Promise.reject(new DOMException("full", "QuotaExceededError"));
      case "slow":
        return new Promise((done) => this.waiting.push(() => done(super.put(record))));
    }
  }

  answer(): void {
    for (const each of this.waiting.splice(0)) each();
  }
}

let server: LiveServer;
let device: Device;
let writer: Writer;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new LiveServer();
  FakeSocket.server = server;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", (url: string) => server.fetch(url));
  device = new Device();
  writer = new Writer(device, "tab", new Chance(1));
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

async function typeOffline(mood: Device["mood"]): Promise<void> {
  server.isUp = false;
  server.cut(0);
  device.mood = mood;
  writer.type();
  await vi.advanceTimersByTimeAsync(100);
}

/** Until the text is on its way to the server. */
async function sendIt(): Promise<void> {
  server.isUp = true;
  const isOnItsWay = () => server.socket?.toServer.some(({ type }) => type === "chat_update");
  for (let round = 0; round < 200 && !isOnItsWay(); round++) {
    server.openSockets();
    server.takeFrame();
    server.deliverAnswer();
    await vi.advanceTimersByTimeAsync(500);
  }
}

const state = () => writer.store.getState();
const ofText = () => selectSaveState(state(), 1, writer.editor?.messageId ?? 0);
const ofPage = () => statusWords({ kind: "offline", retryAtMs: 0 }, selectWaiting(state())).words;
/** True when the browser asks, on behalf of the page, whether it may really go. */
const asksBeforeItGoes = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));

describe("a text that only this tab has", () => {
  it("is said to be in this tab only, and the page asks before it goes, until the device has it", async () => {
    await typeOffline("full");
    expect([ofText(), ofPage(), asksBeforeItGoes()]).toEqual([
      "unkept",
      "Offline · 1 only in this tab",
      true,
    ]);
    device.mood = "willing";
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect([ofText(), ofPage(), asksBeforeItGoes()]).toEqual([
      "kept",
      "Offline · 1 kept on this device",
      false,
    ]);
  });

  it("is not called kept before the device has answered", async () => {
    await typeOffline("slow");
    expect([ofText(), ofPage()]).toEqual(["keeping", "Offline · keeping…"]);
    device.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect([ofText(), ofPage()]).toEqual(["kept", "Offline · 1 kept on this device"]);
  });

  it("that was kept is not called so any more when there is more of it", async () => {
    await typeOffline("willing");
    expect(ofText()).toBe("kept");
    device.mood = "slow";
    writer.type();
    expect(ofText()).toBe("keeping");
    await vi.advanceTimersByTimeAsync(100);
    expect(ofText()).toBe("keeping");
    device.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(ofText()).toBe("kept");
  });

  it("goes to the server all the same, and then there is nothing to ask", async () => {
    await typeOffline("full");
    server.isUp = true;
    await vi.advanceTimersByTimeAsync(30_000);
    await flow(server, writer);
    expect(server.text(1, Number(writer.editor?.messageId))).toBe(writer.typed);
    expect([ofText(), asksBeforeItGoes()]).toEqual(["saved", false]);
  });

  it("that was refused is asked about too, as long as no device has it", async () => {
    await typeOffline("full");
    await sendIt();
    const revoked = { type: "revoked", channel: "chat:1", reason: "No longer yours." };
    server.socket?.deliver(revoked);
    await vi.advanceTimersByTimeAsync(100);
    expect(state().connection.drafts).toHaveLength(1);
    expect(asksBeforeItGoes()).toBe(true);
  });
});
