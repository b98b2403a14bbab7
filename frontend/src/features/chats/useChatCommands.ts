import { useMemo } from "react";
import type { ChatId, MessageId, Role } from "../../api/wire";
import { useLive } from "../live/LiveContext";

export interface NewMessage {
  role: Role;
  content: string;
  /** Who says it, where the role alone does not tell. */
  author: string | null;
  after: MessageId | "end" | null;
}

export interface ChatCommands {
  retitle(title: string): void;
  archive(archived: boolean): void;
  remove(): void;
  restore(): void;
  /** The answer is the message's id until the server has given it a number. `after`: null is the beginning. */
  addMessage(message: NewMessage): string;
  removeMessage(id: MessageId): void;
  restoreMessage(id: MessageId): void;
  moveMessage(id: MessageId, after: MessageId | null): void;
  selectBranch(id: MessageId): void;
  /** Rejects with a sentence for the person when the server refuses. */
  share(email: string, role: "editor" | "viewer"): Promise<void>;
  unshare(userId: number): Promise<void>;
}

/** What a person can do to a chat. Each is shown at once, kept on this device and sent until the server has it. */
export function useChatCommands(chatId: ChatId): ChatCommands {
  const live = useLive();
  return useMemo(() => {
    const chat = { id: chatId };
    const message = (messageId: MessageId) => ({ id: chatId, messageId });
    return {
      retitle: (title) => void live.command({ type: "chat_retitle", chat: { id: chatId, title } }),
      archive: (archived) => void live.command({ type: "chat_archive", chat, archived }),
      remove: () => void live.command({ type: "chat_delete", chat }),
      restore: () => void live.command({ type: "chat_restore", chat }),
      addMessage: ({ role, content, author, after }) =>
        live.command({ type: "message_add", chat, message: { role, content, author }, after }).op,
      removeMessage: (id) => void live.command({ type: "message_remove", chat: message(id) }),
      restoreMessage: (id) => void live.command({ type: "message_restore", chat: message(id) }),
      moveMessage: (id, after) => void live.command({ type: "message_move", chat: message(id), after }),
      selectBranch: (id) => void live.command({ type: "branch_select", chat: message(id) }),
      share: async (email, role) => {
        await live.command({ type: "chat_share", chat, email, role }).done;
      },
      unshare: async (userId) => {
        await live.command({ type: "chat_unshare", chat, userId }).done;
      },
    };
  }, [live, chatId]);
}
