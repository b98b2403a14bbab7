import { useCallback } from "react";
import { useAppDispatch } from "../../app/hooks";
import { useLive } from "../live/LiveContext";
import { chatCreatedHere } from "./chatsSlice";

/** Makes a chat, also without a network; the answer is its id until the server has given it a number. */
export function useCreateChat(): (title: string) => string {
  const live = useLive();
  const dispatch = useAppDispatch();
  return useCallback(
    (title) => {
      const { op } = live.command({ type: "chat_create", chat: { title, messages: [] } });
      dispatch(chatCreatedHere({ op, title, madeAt: Date.now() }));
      return op;
    },
    [live, dispatch],
  );
}
