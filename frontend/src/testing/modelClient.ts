import { ChangeSet } from "@codemirror/state";
import { applyTo } from "../realtime/textChanges";
import { TextEdits } from "../realtime/textEdits";
import type { QueuedText, TextUpdate } from "../realtime/textPorts";
import type { Chance } from "./chance";
import type { TextServer } from "./modelServer";

const WORDS = ["a", "bc", "déf", "\n", "😀", "x y ", "—"];

/** A tab: what it shows is exactly what an editor would show that applies its own changes and those it is told. */
export class ModelClient {
  /** What the editors show. */
  readonly shown = new Map<string | number, string>();
  offset: number;
  /** The offset of the snapshot that each text was read from; entries up to it are in it. */
  private readonly readAt = new Map<string | number, number>();
  /** Frames on their way to the server; lost with the connection. */
  outgoing: TextUpdate[] = [];
  incomingAcks: { op: string; offset: number }[] = [];
  isOnline = true;
  isDeviceFull = false;
  readonly refused: string[] = [];
  private disk = new Map<string, QueuedText>();
  private edits: TextEdits;
  private names = 0;

  constructor(
    readonly name: string,
    private readonly server: TextServer,
    private readonly chance: Chance,
    private readonly mostBytes = 100_000,
  ) {
    this.offset = server.head;
    for (const [subject, text] of server.texts) this.shown.set(subject, text);
    this.edits = this.newEdits();
  }

  get isSaved(): boolean {
    return this.edits.pending.length === 0;
  }

  get kept(): number {
    return this.disk.size;
  }

  typeSomewhere(): void {
    const subject = this.chance.pick([...this.shown.keys()]);
    const text = this.shown.get(subject) ?? "";
    const at = this.placeIn(text);
    const to = this.chance.below(3) === 0 ? this.placeIn(text) : at;
    const insert = this.chance.below(4) === 0 && to !== at ? "" : this.chance.pick(WORDS);
    const changes = ChangeSet.of({ from: Math.min(at, to), to: Math.max(at, to), insert }, text.length);
    this.shown.set(subject, applyTo(text, changes));
    this.edits.type(this.server.channel, subject, changes, this.at(subject, text));
  }

  /** At the end of a line of its own, so that no other word can be typed into it. */
  typeWord(subject: number, word: string): void {
    const text = this.shown.get(subject) ?? "";
    const changes = ChangeSet.of({ from: text.length, insert: word }, text.length);
    this.shown.set(subject, text + word);
    this.edits.type(this.server.channel, subject, changes, this.at(subject, text));
  }

  /** The next entry of the log, if there is one. */
  receiveEntry(): void {
    const entry = this.server.log[this.offset];
    if (!this.isOnline || !entry) return;
    this.offset = entry.offset;
    const view = this.edits.received(entry);
    if (entry.change && view !== "none" && entry.offset > (this.readAt.get(entry.change.subject) ?? 0)) {
      this.change(entry.change.subject, view === "as_entry" ? entry.change.changes : view);
    }
    if (this.isCurrent()) this.edits.sendAll();
  }

  /** A frame arrives at the server: perhaps twice, perhaps its answer is lost. */
  deliverOne(): void {
    const update = this.outgoing.shift();
    if (!update) return;
    const offset = this.server.update(update);
    if (this.chance.below(8) === 0) this.server.update(update);
    this.incomingAcks.push({ op: update.op, offset });
  }

  receiveAck(): void {
    const ack = this.incomingAcks.shift();
    if (ack) this.edits.acked(ack.op, ack.offset);
  }

  drop(): void {
    this.isOnline = false;
    this.outgoing = this.outgoing.slice(0, this.chance.below(this.outgoing.length + 1));
    this.incomingAcks = [];
    while (this.outgoing.length > 0) this.deliverOne();
    this.incomingAcks = [];
  }

  comeBack(): void {
    if (this.isOnline) return;
    this.isOnline = true;
    this.edits.reconnected();
    if (this.isCurrent()) this.edits.sendAll();
  }

  /** The tab is closed and opened again: only what is on the device is left, and a snapshot of now. */
  reload(): void {
    this.drop();
    for (const subject of this.server.texts.keys()) this.read(subject);
    this.offset = this.server.head;
    const records = [...this.disk.values()];
    this.edits = this.newEdits();
    this.edits.adopt(records);
    this.offset = Math.min(this.offset, ...records.map((each) => each.offset));
    this.comeBack();
  }

  /** Takes over what another tab left, while this one is open. */
  adoptFrom(other: ModelClient): void {
    const records = [...other.disk.values()];
    other.disk.clear();
    other.edits = other.newEdits();
    for (const each of records) this.disk.set(each.key, each);
    this.edits.adopt(records);
    this.offset = Math.min(this.offset, ...records.map((each) => each.offset));
  }

  /** The log was pruned while away: everything on its way goes on from a snapshot. */
  takeSnapshot(): void {
    this.edits.lost(this.server.channel);
    const lost = new Set(this.edits.lostSubjects(this.server.channel));
    this.offset = this.server.head;
    for (const [subject, text] of this.server.texts) {
      if (lost.has(subject)) {
        this.edits.rebase(this.server.channel, subject, { epoch: "e", offset: this.offset, text });
      } else {
        this.read(subject);
      }
    }
    this.edits.sendAll();
  }

  /** A text that was read from a snapshot may be ahead of the entries. */
  private at(subject: string | number, text: string) {
    return { epoch: "e", offset: Math.max(this.offset, this.readAt.get(subject) ?? 0), text };
  }

  private read(subject: string | number): void {
    this.shown.set(subject, this.server.text(subject));
    this.readAt.set(subject, this.server.head);
  }

  private isCurrent(): boolean {
    return this.isOnline && this.offset >= this.server.head;
  }

  private placeIn(text: string): number {
    const at = this.chance.below(text.length + 1);
    const splits = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
    return splits ? at - 1 : at;
  }

  private change(subject: string | number, changes: ChangeSet): void {
    this.shown.set(subject, applyTo(this.shown.get(subject) ?? "", changes));
  }

  private newEdits(): TextEdits {
    const disk = this.disk;
    const edits: TextEdits = new TextEdits({
      keep: async (record) => {
        if (this.isDeviceFull) return "memory";
        disk.set(record.key, structuredClone(record));
        return "device";
      },
      leave: () => {},
      forgetOlder: async (key) => {
        disk.delete(key);
      },
      drop: async (key) => {
        disk.delete(key);
      },
      send: (update) => this.isCurrent() && this.outgoing.push(update) > 0,
      room: () => ({ bytes: this.mostBytes, values: this.mostBytes }),
      newName: () => `${this.name}-${this.names++}`,
      random: () => this.chance.next(),
      viewed: (_channel, subject, changes) => this.change(subject, changes),
      shown: (_channel, subject, text, at) => {
        this.shown.set(subject, text);
        this.readAt.set(subject, at);
      },
      changed: () => {},
      refused: (_name, { text }) => this.refused.push(text),
      tooOld: () => {},
    });
    return edits;
  }
}
