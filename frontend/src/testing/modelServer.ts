import { ChangeSet } from "@codemirror/state";
import { applyTo } from "../realtime/textChanges";
import type { TextEntry, TextUpdate } from "../realtime/textPorts";

/** A server of one channel, as a tab that edits texts meets it. */
export interface TextServer {
  readonly channel: string;
  readonly log: readonly TextEntry[];
  readonly texts: ReadonlyMap<string | number, string>;
  readonly head: number;
  text(subject: string | number): string;
  /** The offset of the acknowledgement. */
  update(update: TextUpdate): number;
  /** Something happens that changes no text. */
  other(): void;
}

/** What the server promises about texts, in its shortest form: rebases entry by entry, each op once, gapless offsets. */
export class ModelServer implements TextServer {
  readonly log: TextEntry[] = [];
  readonly texts = new Map<string | number, string>();
  private readonly ops = new Map<string, number>();

  constructor(
    readonly channel: string,
    texts: Record<number, string>,
  ) {
    for (const [subject, text] of Object.entries(texts)) this.texts.set(Number(subject), text);
  }

  get head(): number {
    return this.log.length;
  }

  text(subject: string | number): string {
    return this.texts.get(subject) ?? "";
  }

  update({ op, subject, base, changes }: TextUpdate): number {
    const known = this.ops.get(op);
    if (known !== undefined) return known;
    let rebased = changes;
    for (const entry of this.log.slice(base)) {
      if (entry.change?.subject === subject) rebased = rebased.map(entry.change.changes);
    }
    this.texts.set(subject, applyTo(this.text(subject), rebased));
    return this.append(op, { subject, changes: ChangeSet.fromJSON(rebased.toJSON()) });
  }

  other(): void {
    this.append(null, null);
  }

  private append(op: string | null, change: TextEntry["change"]): number {
    this.log.push({ channel: this.channel, offset: this.head + 1, op, change });
    if (op !== null) this.ops.set(op, this.head);
    return this.head;
  }
}
