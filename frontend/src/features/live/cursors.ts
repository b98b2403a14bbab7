/** Where the others' cursors are in the texts that are shown here. */
import type { ChangeSet } from "@codemirror/state";
import type { MessageId } from "../../api/wire";
import { type TextSync, toText, toView } from "../../realtime/textSync";
import type { Present } from "../presence/presenceSlice";
import type { Cursor, PersonCursor } from "./LiveContext";

const MOST_REMEMBERED = 300;

interface Past {
  offset: number;
  messageId: MessageId;
  changes: ChangeSet;
}

/** The newest text changes of a channel, over which a cursor that is told late is moved. */
export class RecentChanges {
  private past: Past[] = [];

  add(change: Past): void {
    if ((this.past.at(-1)?.offset ?? -1) >= change.offset) return;
    this.past.push(change);
    if (this.past.length > MOST_REMEMBERED) this.past.shift();
  }

  /** Where a place that was in the text at `offset` is now. */
  moved(messageId: MessageId, offset: number, place: number): number {
    return this.past
      .filter((each) => each.messageId === messageId && each.offset > offset)
      .reduce((at, { changes }) => changes.mapPos(Math.min(at, changes.length), 1), place);
  }
}

/** The cursor as it is told to the others: in the text that everyone has at `offset`. */
export function toldCursor({ messageId, anchor, head }: Cursor, offset: number, sync: TextSync | null) {
  const place = (at: number) => (sync ? toText(sync, at) : at);
  return { messageId, anchor: place(anchor), head: place(head), offset: sync?.offset ?? offset };
}

export function cursorsIn(
  messageId: MessageId,
  present: Present[],
  recent: RecentChanges,
  sync: TextSync | null,
  length: number,
): PersonCursor[] {
  return present.flatMap(({ session, userId, name, state }) => {
    if (!("messageId" in state) || state.messageId !== messageId) return [];
    const place = (at: number) => {
      const now = recent.moved(messageId, state.offset, at);
      const shown = sync ? toView(sync, now) : now;
      return Math.max(0, Math.min(shown, length));
    };
    return [{ session, userId, name, anchor: place(state.anchor), head: place(state.head) }];
  });
}
