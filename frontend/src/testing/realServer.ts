/** The real server at the other end of this process's input and output: a question a line, an answer a line. */
import { readSync, writeSync } from "node:fs";
import type { ChatEntry } from "../api/wire";
import { applyTo, changesFrom, changesToJson } from "../realtime/textChanges";
import type { TextEntry, TextUpdate } from "../realtime/textPorts";
import type { TextServer } from "./modelServer";

const STDIN = 0;
const STDOUT = 1;
const CHUNK_BYTES = 65_536;

interface Answer {
  channel: string;
  /** The texts at the offset that this process began with; in the first answer. */
  texts: [number, string][];
  /** Where the change that was asked for stands. */
  offset: number;
  /** What came since the answer before. */
  entries: ChatEntry[];
}

let unread = Buffer.alloc(0);

function readLine(): string {
  for (;;) {
    const end = unread.indexOf("\n");
    if (end >= 0) {
      const line = unread.subarray(0, end).toString("utf8");
      unread = unread.subarray(end + 1);
      return line;
    }
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const count = readSync(STDIN, chunk);
    if (count === 0) throw new Error("The server has gone.");
    unread = Buffer.concat([unread, chunk.subarray(0, count)]);
  }
}

export class RealServer implements TextServer {
  readonly channel: string;
  readonly log: TextEntry[] = [];
  readonly texts: Map<number, string>;

  constructor() {
    const { channel, texts } = this.ask({ ask: "begin" });
    this.channel = channel;
    this.texts = new Map(texts);
  }

  get head(): number {
    return this.log.length;
  }

  text(subject: string | number): string {
    return this.texts.get(Number(subject)) ?? "";
  }

  update({ op, subject, base, changes }: TextUpdate): number {
    return this.carriedOut({ ask: "update", op, subject, base, changes: changesToJson(changes) });
  }

  other(): void {
    this.carriedOut({ ask: "other" });
  }

  /** Says what each tab shows; the one who asked for the play compares it with what is stored. */
  tell(shown: Record<string, [string | number, string][]>): void {
    writeSync(STDOUT, `${JSON.stringify({ ask: "end", shown })}\n`);
  }

  private carriedOut(question: object): number {
    const { entries, offset } = this.ask(question);
    for (const entry of entries) this.take(entry);
    return offset;
  }

  private take(entry: ChatEntry): void {
    const { channel, offset, op } = entry;
    if (offset !== this.head + 1) throw new Error(`Entry ${offset} follows ${this.head}.`);
    if (entry.type !== "chat_updated") {
      this.log.push({ channel, offset, op, change: null });
      return;
    }
    const changes = changesFrom(entry.chat.changes);
    const subject = entry.chat.messageId;
    this.texts.set(subject, applyTo(this.text(subject), changes));
    this.log.push({ channel, offset, op, change: { subject, changes } });
  }

  private ask(question: object): Answer {
    writeSync(STDOUT, `${JSON.stringify(question)}\n`);
    return JSON.parse(readLine()) as Answer;
  }
}
