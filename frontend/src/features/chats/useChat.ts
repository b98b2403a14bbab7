import { useCallback, useEffect } from "react";
import type { ChatId } from "../../api/wire";
import { useAppSelector } from "../../app/hooks";
import { useLive } from "../live/LiveContext";
import type { OpenChat } from "./chat";
import { selectChat } from "./chatsSlice";

/** Opens a chat while the component is there: its first page, then all pages, then what happens live. */
export function useChat(chatId: ChatId): { chat: OpenChat | undefined; reload: () => void } {
  const live = useLive();
  useEffect(() => live.openChat(chatId), [live, chatId]);
  const reload = useCallback(() => live.reloadChat(chatId), [live, chatId]);
  return { chat: useAppSelector((state) => selectChat(state, chatId)), reload };
}
