import type { Chat, ChatId, Command, Member, MemberRole, Message, MessageId } from "../../api/wire";

/** A message as this tab shows it: `content` is the local view, changes that are not acknowledged included. */
export interface ChatMessage extends Omit<Message, "id"> {
  /** The `op` of its `message_add` until the server has given it a number. */
  id: MessageId;
  /** Stays the same when a message that was added here gets its number. */
  key: MessageId;
  /** The offset of the chat's channel that `content` was read at; entries up to it are in it. */
  at: number;
}

/** What commands change besides texts. */
export interface Structure {
  title: string;
  archivedAt: number | null;
  deletedAt: number | null;
  /** The shown branch, in order. */
  order: MessageId[];
}

/** A command that is on its way: shown at once, and taken out when its own entry arrives. */
export interface PendingCommand {
  op: string;
  command: Command;
  /** ms since 1970, for what the command makes. */
  madeAt: number;
  /** Where it stands in the log, once the server has said so. */
  ackedAt: number | null;
}

/** An open chat. Its own `Structure` is `base` (what the log says) with `pending` shown on top. */
export interface OpenChat extends Structure {
  id: ChatId;
  platform: string | null;
  role: MemberRole;
  channel: string;
  epoch: string;
  /** The offset that `base` and the texts stand at. */
  offset: number;
  createdAt: number;
  updatedAt: number;
  messageCount: number;
  members: Member[];
  messages: Record<MessageId, ChatMessage>;
  base: Structure;
  pending: PendingCommand[];
  loaded: "loading" | "partial" | "all" | "error";
  /** With `loaded` "error": why, for a person. */
  error?: string;
}

/** What stands around the messages; stays the same object while somebody types in one. */
export type ChatFrame = Pick<OpenChat, "id" | "title" | "role" | "members" | "archivedAt" | "deletedAt">;

export function messageAt(message: Message, offset: number): ChatMessage {
  return { ...message, key: message.id, at: offset };
}

export function emptyChat(id: ChatId): OpenChat {
  const structure: Structure = { title: "", archivedAt: null, deletedAt: null, order: [] };
  return {
    ...structure,
    id,
    platform: null,
    role: "viewer",
    channel: `chat:${id}`,
    epoch: "",
    offset: 0,
    createdAt: 0,
    updatedAt: 0,
    messageCount: 0,
    members: [],
    messages: {},
    base: structure,
    pending: [],
    loaded: "loading",
  };
}

/** The chat that a snapshot's first page shows. */
export function chatFromSnapshot(page: Chat): OpenChat {
  const base: Structure = {
    title: page.title,
    archivedAt: page.archivedAt,
    deletedAt: page.deletedAt,
    order: page.messages.map((each) => each.id),
  };
  const messages: Record<MessageId, ChatMessage> = {};
  for (const each of page.messages) messages[each.id] = messageAt(each, page.offset);
  return {
    ...base,
    id: page.id,
    platform: page.platform,
    role: page.role,
    channel: page.channel,
    epoch: page.epoch,
    offset: page.offset,
    createdAt: page.createdAt,
    updatedAt: page.updatedAt,
    messageCount: page.messageCount,
    members: page.members,
    messages,
    base,
    pending: [],
    loaded: page.next === null ? "all" : "partial",
  };
}
