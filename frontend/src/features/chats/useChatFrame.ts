import { useMemo } from "react";
import type { ChatFrame, OpenChat } from "./chat";

/** The part of a chat that does not change with each key. */
export function useChatFrame({ id, title, role, members, archivedAt, deletedAt }: OpenChat): ChatFrame {
  return useMemo(
    () => ({ id, title, role, members, archivedAt, deletedAt }),
    [id, title, role, members, archivedAt, deletedAt],
  );
}
