import { useCallback } from "react";
import { useNavigate } from "react-router";
import { useCreateChat } from "../chats/useCreateChat";

/** Makes a chat and opens it with its title ready to be typed. */
export function useNewChat(): () => void {
  const createChat = useCreateChat();
  const navigate = useNavigate();
  return useCallback(() => {
    const id = createChat("New chat");
    void navigate(`/chats/${id}`, { state: { isNew: true } });
  }, [createChat, navigate]);
}
