import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { MessageId, Role } from "../../api/wire";
import { showUndoToast } from "../../components/undoToast";
import type { ChatView } from "./ChatContext";
import type { OpenChat } from "./chatsSlice";
import { useChatCommands } from "./useChatCommands";

/** Behind whom a message stands after a step: an id, or null at the beginning; undefined when it cannot move. */
export function placeAfterStep(
  order: readonly MessageId[],
  id: MessageId,
  step: -1 | 1,
): MessageId | null | undefined {
  const index = order.indexOf(id);
  const target = index + step;
  if (index < 0 || target < 0 || target >= order.length) return undefined;
  return order[step === 1 ? target : target - 1] ?? null;
}

/** What a person does in an open chat, and which of its messages is being written. */
export function useOpenChat(chat: OpenChat, ids: readonly MessageId[], userName: string): ChatView {
  const commands = useChatCommands(chat.id);
  const [editingKey, setEditingKey] = useState<MessageId | null>(null);
  const shown = useRef(ids);
  useEffect(() => {
    shown.current = ids;
  }, [ids]);
  const owner = chat.members.find(({ role }) => role === "owner");
  const asker = chat.role === "owner" ? "You" : (owner?.name ?? "Person");
  const mayEdit = chat.role !== "viewer" && chat.deletedAt === null;
  const stopEditing = useCallback(() => setEditingKey(null), []);
  const addMessage = useCallback(
    (after: MessageId | "end", role: Role = "user") =>
      setEditingKey(
        commands.addMessage({ role, content: "", author: role === "user" ? userName : null, after }),
      ),
    [commands, userName],
  );
  const removeMessage = useCallback(
    (id: MessageId) => {
      commands.removeMessage(id);
      showUndoToast("Message removed", () => commands.restoreMessage(id));
    },
    [commands],
  );
  const moveMessage = useCallback(
    (id: MessageId, step: -1 | 1) => {
      const after = placeAfterStep(shown.current, id, step);
      if (after !== undefined) commands.moveMessage(id, after);
    },
    [commands],
  );
  return useMemo(
    () => ({
      chatId: chat.id,
      platform: chat.platform,
      asker,
      mayEdit,
      commands,
      editingKey: mayEdit ? editingKey : null,
      startEditing: setEditingKey,
      stopEditing,
      addMessage,
      removeMessage,
      moveMessage,
    }),
    [
      chat.id,
      chat.platform,
      asker,
      mayEdit,
      commands,
      editingKey,
      stopEditing,
      addMessage,
      removeMessage,
      moveMessage,
    ],
  );
}
