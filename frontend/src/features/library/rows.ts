import type { ChatSummary } from "../../api/wire";
import { dateGroup } from "../../components/time";

export type Row = { kind: "heading"; words: string } | { kind: "chat"; chat: ChatSummary };

/** The list with a heading wherever the date group changes; `chats` come newest first. */
export function rowsOf(chats: readonly ChatSummary[], nowMs: number): Row[] {
  const rows: Row[] = [];
  let heading = "";
  for (const chat of chats) {
    const words = dateGroup(chat.updatedAt, nowMs);
    if (words !== heading) rows.push({ kind: "heading", words });
    heading = words;
    rows.push({ kind: "chat", chat });
  }
  return rows;
}
