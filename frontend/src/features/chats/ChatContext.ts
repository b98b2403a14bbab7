import { createContext, useContext } from "react";
import type { ChatId, MessageId, Role } from "../../api/wire";
import type { ChatCommands } from "./useChatCommands";

/** What the messages of an open chat need from it. */
export interface ChatView {
  chatId: ChatId;
  platform: string | null;
  /** Who asked in this chat, as messages without an author show it. */
  asker: string;
  mayEdit: boolean;
  commands: ChatCommands;
  /** The `key` of the message that is being written. */
  editingKey: MessageId | null;
  startEditing: (key: MessageId) => void;
  stopEditing: () => void;
  /** Adds an empty message and opens it for writing. */
  addMessage: (after: MessageId | "end", role?: Role) => void;
  removeMessage: (id: MessageId) => void;
  /** Moves a message past its neighbour, up (-1) or down (1). */
  moveMessage: (id: MessageId, step: -1 | 1) => void;
}

export const ChatContext = createContext<ChatView | null>(null);

export function useChatView(): ChatView {
  const view = useContext(ChatContext);
  if (!view) throw new Error("This component must be inside an open chat.");
  return view;
}
