import type { ChatId } from "../../api/wire";

export const channelOf = (chatId: ChatId): string => `chat:${chatId}`;

/** The chat that a channel is the log of, by its number or by the op that creates it; another channel is no chat's. */
export function chatOf(channel: string): ChatId {
  if (!channel.startsWith("chat:")) return channel;
  const name = channel.slice(channel.indexOf(":") + 1);
  return /^\d+$/.test(name) ? Number(name) : name;
}
