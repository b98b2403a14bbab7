/** Commands on their way: kept, sent one after the other in each lane, sent again by the same name until answered. */
import type { Ack } from "../api/wire";
import { fullJitterMs } from "./backoff";
import type { Durability } from "./outbox";
import type { CommandRecord } from "./outboxStore";

export interface CommandPorts {
  keep(record: Omit<CommandRecord, "userId" | "tabId">): Promise<Durability>;
  drop(key: string): Promise<void>;
  /** False when there is no connection. */
  send(frame: object): boolean;
  /** Resolves when what follows from the answer is kept; before that the command must not be forgotten. */
  acked(record: QueuedCommand, ack: Ack): Promise<void>;
  refused(record: QueuedCommand, code: string, sentence: string): void;
  changed(): void;
  random(): number;
}

export type QueuedCommand = Omit<CommandRecord, "userId" | "tabId">;

interface Entry {
  record: QueuedCommand;
  /** This device has it or cannot take it: only then may it be sent. */
  isGiven: boolean;
  isSent: boolean;
  attempts: number;
}

export class CommandQueue {
  private entries: Entry[] = [];
  private seq = 0;

  constructor(private readonly ports: CommandPorts) {}

  get all(): QueuedCommand[] {
    return this.entries.map((each) => each.record);
  }

  inLane(lane: string): QueuedCommand[] {
    return this.all.filter((each) => each.lane === lane);
  }

  has(op: string): boolean {
    return this.find(op) !== undefined;
  }

  add(op: string, lane: string, command: object, madeAt: number): QueuedCommand {
    this.seq = Math.max(this.seq + 1, madeAt);
    const record: QueuedCommand = {
      kind: "command",
      key: `command:${op}`,
      op,
      lane,
      seq: this.seq,
      madeAt,
      command,
    };
    const entry: Entry = { record, isGiven: false, isSent: false, attempts: 0 };
    this.entries.push(entry);
    void this.ports.keep(record).then(() => {
      entry.isGiven = true;
      this.flush();
    });
    this.ports.changed();
    return record;
  }

  /** Commands that were kept by a tab that is gone; the order of a lane is the order in which they were given. */
  adopt(records: QueuedCommand[]): void {
    const news = records.filter((each) => !this.has(each.op));
    this.entries.push(...news.map((record) => ({ record, isGiven: true, isSent: false, attempts: 0 })));
    this.entries.sort((a, b) => a.record.seq - b.record.seq);
    this.ports.changed();
    this.flush();
  }

  /** A new connection: whatever was sent on the old one may be lost. */
  reconnected(): void {
    for (const each of this.entries) each.isSent = false;
    this.flush();
  }

  acked(ack: Ack): boolean {
    const entry = this.take(ack.op);
    if (!entry) return false;
    void this.ports.acked(entry.record, ack).then(() => this.ports.drop(entry.record.key));
    this.ports.changed();
    this.flush();
    return true;
  }

  refused(op: string, code: string, sentence: string): boolean {
    const entry = this.find(op);
    if (!entry) return false;
    if (code === "unavailable" || code === "rate_limited") {
      this.retryLater(entry);
      return true;
    }
    this.take(op);
    this.ports.refused(entry.record, code, sentence);
    void this.ports.drop(entry.record.key);
    this.ports.changed();
    this.flush();
    return true;
  }

  private retryLater(entry: Entry): void {
    const delayMs = fullJitterMs(entry.attempts, this.ports.random());
    entry.attempts += 1;
    setTimeout(() => {
      entry.isSent = false;
      this.flush();
    }, delayMs);
  }

  private find(op: string | null): Entry | undefined {
    return this.entries.find((each) => each.record.op === op);
  }

  private take(op: string | null): Entry | undefined {
    const entry = this.find(op);
    if (!entry) return undefined;
    this.entries = this.entries.filter((each) => each !== entry);
    return entry;
  }

  private flush(): void {
    const busy = new Set<string>();
    for (const entry of this.entries) {
      const { lane, op, command } = entry.record;
      if (busy.has(lane)) continue;
      busy.add(lane);
      if (entry.isGiven && !entry.isSent) entry.isSent = this.ports.send({ ...command, op });
    }
  }
}
