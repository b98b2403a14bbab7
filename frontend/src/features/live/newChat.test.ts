/** Typing at once in a new message of a new chat, whichever of answer, entry and snapshot comes first. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Chance } from "../../testing/chance";
import { FakeSocket, LiveServer } from "../../testing/liveServer";
import { MemoryOutbox } from "../../testing/memoryOutbox";
import { Writer } from "../../testing/writer";
import { selectMessage } from "../chats/chatsSlice";
import { selectKeptDrafts, selectUnsavedCount } from "../connection/connectionSlice";

const FOREIGN = 0x3041;
const mistakes: unknown[] = [];
let server: LiveServer;
let play: Play;

beforeEach(() => {
  vi.useFakeTimers();
  server = new LiveServer();
  FakeSocket.server = server;
  mistakes.length = 0;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", (url: string) => server.fetch(url));
  vi.stubGlobal("reportError", (error: unknown) => mistakes.push(error));
});
afterEach(() => {
  play.writer.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

class Play {
  readonly chance: Chance;
  readonly disk = new MemoryOutbox();
  writer: Writer;
  foreign = FOREIGN;
  private tabs = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    this.writer = new Writer(this.disk, "tab0", this.chance);
  }

  async begin(): Promise<void> {
    await this.writer.start();
    if (this.chance.below(3) > 0) await this.settle();
    if (this.chance.below(4) === 0) this.cut();
    this.writer.newChat();
    await this.steps(this.chance.below(12), this.network);
    this.writer.addMessage();
  }

  async steps(count: number, acts: readonly (() => void)[]): Promise<void> {
    for (let step = 0; step < count; step++) {
      this.chance.pick(acts)();
      await vi.advanceTimersByTimeAsync(this.chance.pick([0, 0, 5, 30, 70]));
      this.check();
    }
  }

  readonly network: (() => void)[] = [
    () => server.openSockets(),
    () => server.takeFrame(),
    () => server.takeFrame(),
    () => server.deliverAnswer(),
    () => server.deliverAnswer(),
    () => server.deliverEntry(),
    () => server.deliverEntry(),
    () => server.readPage(),
    () => server.deliverPage(),
    () => this.writer.redraw(),
  ];

  readonly typing: (() => void)[] = [
    () => this.writer.type(),
    () => this.writer.type(),
    () => this.writer.type(),
  ];

  readonly others: (() => void)[] = [() => this.typeElsewhere(), () => this.addElsewhere()];

  readonly trouble: (() => void)[] = [() => this.cut(), () => this.mend(), () => this.mend()];

  cut(): void {
    server.isUp = false;
    server.cut(this.chance.below(3));
  }

  mend(): void {
    server.isUp = true;
    window.dispatchEvent(new Event("online"));
  }

  /** The tab is closed and opened again, with what is on the device. */
  async reload(): Promise<void> {
    const { writer } = this;
    writer.redraw();
    writer.close();
    server.cut(this.chance.below(3));
    await vi.advanceTimersByTimeAsync(0);
    this.writer = new Writer(this.disk, `tab${++this.tabs}`, this.chance, writer.nextCharacter);
    this.writer.typed = writer.typed;
    await this.writer.start();
    this.writer.openChat(writer.chatId);
  }

  async settle(): Promise<void> {
    this.mend();
    for (let round = 0; round < 3_000; round++) {
      for (const act of this.network) act();
      await vi.advanceTimersByTimeAsync(40);
      if (server.isQuiet && selectUnsavedCount(this.writer.store.getState()) === 0) return;
    }
    throw new Error("It does not come to rest.");
  }

  check(): void {
    const { editor, store, chatId } = this.writer;
    expect(this.writer.lookAround()).toEqual([]);
    if (editor) expect(selectMessage(store.getState(), chatId, editor.key)?.content).toBe(editor.text);
    expect(mistakes).toEqual([]);
  }

  /** Everything that was typed is on the server once, in the order of the screen. */
  expectAll(): void {
    const { editor, store, chatId, typed } = this.writer;
    const texts = [...server.chats.values()].flatMap((chat) => [...chat.messages.values()]);
    const all = texts.map((each) => each.content).join("");
    const own = [...all].filter((each) => each.charCodeAt(0) >= 0x4e00);
    expect(own.toSorted().join("")).toBe(typed);
    expect([...all].length - own.length).toBe(this.foreign - FOREIGN);
    expect(selectKeptDrafts(store.getState())).toEqual([]);
    if (!editor) return;
    const message = selectMessage(store.getState(), chatId, editor.key);
    expect(server.text(Number(chatId), Number(message?.id))).toBe(editor.text);
    expect(message?.content).toBe(editor.text);
  }

  private typeElsewhere(): void {
    const messages = [...server.chats].flatMap(([id, chat]) =>
      chat.order.map((message) => [id, message] as const),
    );
    if (messages.length === 0) return;
    const [chatId, messageId] = this.chance.pick(messages);
    server.typeElsewhere(chatId, messageId, this.chance.below(20), String.fromCharCode(this.foreign++));
  }

  private addElsewhere(): void {
    for (const id of server.chats.keys()) if (this.chance.below(4) === 0) server.addElsewhere(id);
  }
}

const SEEDS = Array.from({ length: 150 }, (_, index) => index + 1);

describe("P2: what is typed at once in a new chat is neither lost nor doubled", () => {
  it.each(SEEDS)("answer, entry and snapshot in any order (seed %i)", async (seed) => {
    play = new Play(seed);
    await play.begin();
    await play.steps(60, [...play.network, ...play.typing]);
    await play.settle();
    play.check();
    play.expectAll();
  });

  it.each(SEEDS)("… while others write there too, and connections break (seed %i)", async (seed) => {
    play = new Play(seed);
    await play.begin();
    const acts = [...play.network, ...play.network, ...play.typing, ...play.others, ...play.trouble];
    await play.steps(80, acts);
    play.writer.addMessage();
    await play.steps(60, acts);
    await play.settle();
    play.check();
    play.expectAll();
  });

  it.each(SEEDS)("… and the tab is closed in between (seed %i)", async (seed) => {
    play = new Play(seed);
    await play.begin();
    const acts = [...play.network, ...play.typing, ...play.trouble];
    await play.steps(5 + play.chance.below(40), acts);
    await play.reload();
    await play.steps(40, [...play.network, ...play.trouble]);
    await play.settle();
    play.expectAll();
  });
});
