/** All texts that are being edited here: keeps what is typed, sends it, takes in what others and the server say. */
import type { ChangeSet } from "@codemirror/state";
import { fullJitterMs } from "./backoff";
import { changesFrom, changesToJson } from "./textChanges";
import type { QueuedText, Subject, TextEntry, TextPorts } from "./textPorts";
import {
  abandoned,
  isSaved,
  landed,
  newSync,
  passed,
  rebasedOnto,
  received,
  type Synced,
  type TextSync,
  takeOff,
  typed,
  viewOf,
  wasInText,
} from "./textSync";

interface Edit {
  key: string;
  channel: string;
  subject: Subject;
  epoch: string;
  sync: TextSync;
  /** What the page shows. Of several edits of one text (from tabs that are gone) one is in view. */
  isInView: boolean;
  isSent: boolean;
  /** The log cannot continue from `sync.offset`. */
  isLost: boolean;
  attempts: number;
  /** What the device's form of it has in flight; undefined when the device has none. */
  keptOp: string | null | undefined;
  /** Set while keystrokes wait to be written to the device together. */
  timer: ReturnType<typeof setTimeout> | null;
}

/** A text that was made here has no place in the log before the log has given it a number. */
const isInLog = (subject: Subject): boolean => typeof subject === "number";

/** What is typed while a change is in flight is written to the device this often. */
const KEEP_EVERY_MS = 25;

export class TextEdits {
  private edits: Edit[] = [];

  constructor(private readonly ports: TextPorts) {}

  /** What is not saved; `isGiven` when all of it has been given to the device. */
  get pending(): { key: string; channel: string; subject: Subject; isGiven: boolean }[] {
    return this.edits.map(({ key, channel, subject, timer }) => {
      return { key, channel, subject, isGiven: timer === null };
    });
  }

  inChannel(channel: string): boolean {
    return this.edits.some((each) => each.channel === channel);
  }

  channels(): string[] {
    return [...new Set(this.edits.map((each) => each.channel))];
  }

  /** Where the log must be followed from so that nothing of it is missing here; null without edits in the channel. */
  oldestPosition(channel: string): { epoch: string; offset: number } | null {
    const going = this.edits.filter(
      (each) => each.channel === channel && !each.isLost && isInLog(each.subject),
    );
    const oldest = going.sort((a, b) => a.sync.offset - b.sync.offset)[0];
    return oldest ? { epoch: oldest.epoch, offset: oldest.sync.offset } : null;
  }

  /** The view of a text with changes on their way, and the offset its synced part stands at. */
  view(channel: string, subject: Subject): { key: string; text: string; at: number } | null {
    const edit = this.inView(channel, subject);
    return edit ? { key: edit.key, text: viewOf(edit.sync), at: edit.sync.offset } : null;
  }

  /** The changes of a text that are on their way; unlike `view`, it costs nothing. */
  sync(channel: string, subject: Subject): TextSync | null {
    return this.inView(channel, subject)?.sync ?? null;
  }

  subjects(channel: string): Subject[] {
    return this.edits.filter((each) => each.channel === channel && each.isInView).map((each) => each.subject);
  }

  /** Typed here, into the text `at.text` as it was at `at.offset` (used when nothing is on its way yet). */
  type(
    channel: string,
    subject: Subject,
    changes: ChangeSet,
    at: { epoch: string; offset: number; text: string },
  ) {
    const edit = this.inView(channel, subject) ?? this.begin(channel, subject, at);
    edit.sync = typed(edit.sync, changes);
    if (!edit.sync.inflight) this.flush(edit);
    else this.flushSoon(edit);
    this.ports.changed();
  }

  private flushSoon(edit: Edit): void {
    edit.timer ??= setTimeout(() => {
      edit.timer = null;
      this.flush(edit);
    }, KEEP_EVERY_MS);
  }

  /** What was typed within the last moments is kept too; for when the page is about to go. */
  keepNow(): void {
    for (const edit of this.edits) if (edit.timer !== null) void this.keep(edit);
  }

  adopt(records: QueuedText[]): void {
    for (const record of records) this.takeOver(record);
    this.ports.changed();
    this.sendAll();
  }

  /** Takes in the next entry of a channel. The answer is what it changes in the view of its text. */
  received(entry: TextEntry): ChangeSet | "none" | "as_entry" {
    let view: ChangeSet | "none" | "as_entry" = "as_entry";
    for (const edit of this.edits.filter((each) => each.channel === entry.channel && !each.isLost)) {
      const shown = this.take(edit, entry);
      if (edit.isInView && entry.change?.subject === edit.subject) view = shown ?? "none";
    }
    return view;
  }

  acked(op: string, offset: number): boolean {
    const edit = this.find(op);
    if (!edit) return false;
    // Otherwise its own entry is still to come in its place.
    if (offset <= edit.sync.offset || edit.isLost) this.show(edit, wasInText(edit.sync));
    return true;
  }

  refused(op: string, code: string, sentence: string): boolean {
    const edit = this.find(op);
    if (!edit) return false;
    if (code === "unavailable" || code === "rate_limited") this.retryLater(edit);
    else if (code === "too_old") this.lose(edit);
    else this.abandon(edit, sentence);
    return true;
  }

  /** Nothing of this channel can be saved any more: the texts are kept as drafts. */
  refuseAll(channel: string, sentence: string): void {
    for (const edit of this.edits.filter((each) => each.channel === channel)) this.abandon(edit, sentence);
  }

  refuseText(channel: string, subject: Subject, sentence: string): void {
    const found = this.edits.filter((each) => each.channel === channel && each.subject === subject);
    for (const edit of found) this.abandon(edit, sentence);
  }

  /**
   * Another tab has adopted what this one had kept, and sends it: it comes back through the log. What was typed since
   * is a draft, because nobody can tell where it belongs; what the device never had stays here.
   */
  handOver(isKept: (key: string) => boolean, sentence: string): void {
    for (const edit of [...this.edits]) {
      if (edit.keptOp === undefined) void this.keep(edit);
      else this.yieldUp(edit, edit.timer === null && isKept(edit.key) ? null : sentence);
    }
  }

  /** The log of this channel cannot continue from where the edits stand. */
  lost(channel: string): void {
    for (const edit of this.edits) if (edit.channel === channel && isInLog(edit.subject)) edit.isLost = true;
  }

  /** The texts of this channel that wait for a snapshot. */
  lostSubjects(channel: string): Subject[] {
    return this.edits.filter((each) => each.channel === channel && each.isLost).map((each) => each.subject);
  }

  /** A snapshot has this text: what is on its way goes on from there. */
  rebase(channel: string, subject: Subject, at: { epoch: string; offset: number; text: string }): void {
    for (const edit of this.edits) {
      if (edit.channel !== channel || edit.subject !== subject || !edit.isLost) continue;
      Object.assign(edit, { isLost: false, isSent: false, epoch: at.epoch });
      this.show(edit, rebasedOnto(edit.sync, at.offset, at.text));
    }
  }

  /**
   * The text that was made as `op` has got a number, at this place of the log. Resolves when that is kept on the
   * device: the command that made the text must not be forgotten before, or nobody could tell where it belongs.
   */
  async renamed(op: string, to: { channel: string; subject: Subject; epoch: string; offset: number }) {
    const found = this.edits.filter((each) => each.subject === op);
    for (const edit of found) {
      const isInView = edit.isInView && !this.inView(to.channel, to.subject);
      Object.assign(edit, { channel: to.channel, subject: to.subject, epoch: to.epoch, isInView });
      edit.sync = passed(edit.sync, to.offset);
      if (isInView) this.ports.shown(to.channel, to.subject, viewOf(edit.sync), to.offset);
    }
    if (found.length > 0) this.ports.changed();
    await Promise.all(found.map((edit) => this.flushNow(edit)));
  }

  /** The texts of a chat that was created here belong to the channel that it has got. Resolves as `renamed` does. */
  async moved(from: string, to: string): Promise<void> {
    const found = this.edits.filter((each) => each.channel === from);
    for (const edit of found) edit.channel = to;
    this.ports.changed();
    await Promise.all(found.map((edit) => this.keep(edit)));
  }

  /** A new connection: what was sent on the old one is sent again, when its channel has caught up. */
  reconnected(): void {
    for (const edit of this.edits) edit.isSent = false;
  }

  sendAll(): void {
    for (const edit of this.edits) this.send(edit);
  }

  // Parts ------------------------------------------------------------------------------------------

  private inView(channel: string, subject: Subject): Edit | undefined {
    return this.edits.find((each) => each.isInView && each.channel === channel && each.subject === subject);
  }

  private find(op: string): Edit | undefined {
    return this.edits.find((each) => each.sync.inflight?.op === op);
  }

  private begin(
    channel: string,
    subject: Subject,
    at: { epoch: string; offset: number; text: string },
  ): Edit {
    const edit: Edit = {
      key: `text:${this.ports.newName()}`,
      channel,
      subject,
      epoch: at.epoch,
      sync: newSync(at.offset, at.text),
      isInView: true,
      isSent: false,
      isLost: false,
      attempts: 0,
      keptOp: undefined,
      timer: null,
    };
    this.edits.push(edit);
    return edit;
  }

  private takeOver({ key, channel, subject, epoch, offset, text, inflight, tail }: QueuedText): void {
    if (this.edits.some((each) => each.key === key)) return;
    const sync: TextSync = {
      offset,
      text,
      inflight: inflight && { op: inflight.op, changes: changesFrom(inflight.changes) },
      tail: tail && changesFrom(tail),
    };
    const isInView = this.inView(channel, subject) === undefined;
    const rest = { isSent: false, isLost: false, attempts: 0, keptOp: inflight?.op ?? null, timer: null };
    this.edits.push({ key, channel, subject, epoch, sync, isInView, ...rest });
    if (isInView) this.ports.shown(channel, subject, viewOf(sync), offset);
  }

  private take(edit: Edit, entry: TextEntry): ChangeSet | null {
    if (entry.offset <= edit.sync.offset) return null;
    const { change } = entry;
    if (change?.subject !== edit.subject) {
      edit.sync = passed(edit.sync, entry.offset);
      return null;
    }
    const isOwn = entry.op !== null && entry.op === edit.sync.inflight?.op;
    const turn = isOwn ? landed : received;
    return this.settle(edit, turn(edit.sync, entry.offset, change.changes));
  }

  private settle(edit: Edit, { sync, view }: Synced): ChangeSet | null {
    const hasLanded = edit.sync.inflight !== null && sync.inflight === null;
    edit.sync = sync;
    if (hasLanded) Object.assign(edit, { isSent: false, attempts: 0 });
    if (isSaved(sync)) this.end(edit);
    else this.flush(edit);
    return view;
  }

  /** For changes that no entry brings. */
  private show(edit: Edit, synced: Synced): void {
    const view = this.settle(edit, synced);
    if (edit.isInView && view && !view.empty) this.ports.viewed(edit.channel, edit.subject, view);
  }

  private end(edit: Edit): void {
    this.letGo(edit);
    void this.ports.drop(edit.key);
  }

  private letGo(edit: Edit): void {
    if (edit.timer !== null) clearTimeout(edit.timer);
    this.edits = this.edits.filter((each) => each !== edit);
    this.ports.changed();
  }

  private abandon(edit: Edit, sentence: string): void {
    this.refuse(edit.key, edit, sentence); // after a crash the device may have the edit still, by this name
    this.end(edit);
    this.showSynced(edit);
  }

  private yieldUp(edit: Edit, sentence: string | null): void {
    // The other tab has the edit by its own name, with another text.
    if (sentence !== null) this.refuse(this.ports.newName(), edit, sentence);
    this.ports.leave(edit.key);
    this.letGo(edit);
    this.showSynced(edit);
  }

  private refuse(name: string, { channel, subject, sync }: Edit, sentence: string): void {
    this.ports.refused(name, { channel, subject, text: viewOf(sync), sentence });
  }

  /** The view without what is not saved. */
  private showSynced(edit: Edit): void {
    const { view } = abandoned(edit.sync);
    if (edit.isInView && view) this.ports.viewed(edit.channel, edit.subject, view);
  }

  private lose(edit: Edit): void {
    edit.isLost = true;
    this.ports.tooOld(edit.channel);
  }

  private retryLater(edit: Edit): void {
    const delayMs = fullJitterMs(edit.attempts, this.ports.random());
    edit.attempts += 1;
    setTimeout(() => {
      edit.isSent = false;
      this.send(edit);
    }, delayMs);
  }

  /** Keeps what there is on the device, and sends it only then: a name must not be forgotten once it is out. */
  private flush(edit: Edit): void {
    if (edit.timer !== null) return; // the end of the keystrokes comes soon
    void this.flushNow(edit);
  }

  private flushNow(edit: Edit): Promise<void> {
    edit.sync = takeOff(edit.sync, this.ports.newName(), this.ports.room());
    return this.keep(edit);
  }

  private async keep(edit: Edit): Promise<void> {
    const { key, channel, subject, epoch, sync } = edit;
    const inflight = sync.inflight && { op: sync.inflight.op, changes: changesToJson(sync.inflight.changes) };
    const tail = sync.tail && changesToJson(sync.tail);
    const record: QueuedText = {
      kind: "text",
      key,
      channel,
      subject,
      epoch,
      offset: sync.offset,
      text: sync.text,
      inflight,
      tail,
    };
    const kept = await this.ports.keep(record);
    if (kept === "device") edit.keptOp = inflight?.op ?? null;
    this.send(edit, inflight?.op);
  }

  private send(edit: Edit, keptOp = edit.sync.inflight?.op): void {
    const { channel, subject, sync } = edit;
    if (!this.edits.includes(edit) || edit.isSent || edit.isLost) return;
    if (!sync.inflight || sync.inflight.op !== keptOp) return;
    const { op, changes } = sync.inflight;
    edit.isSent = this.ports.send({ op, channel, subject, base: sync.offset, changes });
    if (edit.isSent) this.forgetOlder(edit, op);
  }

  /** The device did not take the newest form: found by another tab, the older one would be sent by another name. */
  private forgetOlder(edit: Edit, sentOp: string): void {
    if (edit.keptOp === undefined || edit.keptOp === sentOp) return;
    edit.keptOp = undefined;
    void this.ports.forgetOlder(edit.key);
  }
}
