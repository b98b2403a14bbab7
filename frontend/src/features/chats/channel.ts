import type { ChatId } from "../../api/wire";

export const channelOf = (chatId: ChatId): string => `chat:${chatId}`;

/** The chat that a channel is the log of, by its number or by the op that creates it. */
export function chatOf(channel: string): ChatId {
  const name = channel.slice(channel.indexOf(":") + 1);
  return /^\d+$/.test(name) ? Number(name) : name;
}
