import type { Role } from "../../api/wire";
import { platformName } from "../../components/platforms";
import type { ChatMessage } from "./chatsSlice";

export const ROLE_NAMES: Record<Role, string> = {
  user: "Person",
  assistant: "Assistant",
  system: "Instructions",
  tool: "Tool",
};

/** Who speaks, as shown over a message. */
export function speakerOf(message: ChatMessage, chat: { platform: string | null; asker: string }): string {
  if (message.author) return message.author;
  switch (message.role) {
    case "user":
      return chat.asker;
    case "assistant":
      return chat.platform === null ? ROLE_NAMES.assistant : platformName(chat.platform);
    case "system":
    case "tool":
      return ROLE_NAMES[message.role];
  }
}
