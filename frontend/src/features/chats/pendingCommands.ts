import type { Command, MessageId } from "../../api/wire";
import type { ChatMessage, OpenChat, PendingCommand, Structure } from "./chat";

/** The numbers of messages that were added here, by the `op` of their `message_add`. */
export type MessageNumbers = Readonly<Record<string, number>>;

/** The id that a message goes by: its number as soon as it has one, whatever the one who asks calls it. */
export const idOf = (numbers: MessageNumbers, ref: MessageId): MessageId => numbers[ref] ?? ref;

/** Shows the commands that are on their way on top of what the log says. */
export function project(chat: OpenChat, numbers: MessageNumbers): void {
  const show = (shown: Structure, pending: PendingCommand) => showCommand(shown, pending, numbers);
  const shown = chat.pending.reduce(show, { ...chat.base, order: chat.base.order });
  chat.title = shown.title;
  chat.archivedAt = shown.archivedAt;
  chat.deletedAt = shown.deletedAt;
  chat.order = shown.order;
}

function showCommand(
  shown: Structure,
  { op, command, madeAt }: PendingCommand,
  numbers: MessageNumbers,
): Structure {
  const id = (ref: MessageId) => idOf(numbers, ref);
  const place = (ref: MessageId | "end" | null | undefined) =>
    ref === null || ref === undefined ? null : id(ref);
  switch (command.type) {
    case "chat_retitle":
      return { ...shown, title: command.chat.title };
    case "chat_archive":
      return { ...shown, archivedAt: command.archived ? madeAt : null };
    case "chat_delete":
      return { ...shown, deletedAt: madeAt };
    case "chat_restore":
      return { ...shown, deletedAt: null };
    case "message_add":
      return { ...shown, order: placed(shown.order, id(op), place(command.after)) };
    case "message_remove":
      return { ...shown, order: without(shown.order, id(command.chat.messageId)) };
    case "message_move":
      return { ...shown, order: moved(shown.order, id(command.chat.messageId), place(command.after)) };
    default:
      return shown;
  }
}

/** The message that a `message_add` shows until the server has answered. */
export function addedMessage(op: string, command: Command, madeAt: number): ChatMessage | null {
  if (command.type !== "message_add") return null;
  return {
    id: op,
    key: op,
    role: command.message.role ?? "user",
    author: command.message.author ?? null,
    model: null,
    content: command.message.content ?? "",
    parts: [],
    hidden: false,
    createdAt: madeAt,
    editedAt: null,
    siblings: [],
    at: 0,
  };
}

export const without = (order: readonly MessageId[], id: MessageId): MessageId[] =>
  order.filter((each) => each !== id);

/** `id` right behind `after`: null is the beginning; "end" and a message that is not here are the end. */
export function placed(
  order: readonly MessageId[],
  id: MessageId,
  after: MessageId | "end" | null,
): MessageId[] {
  const others = without(order, id);
  const found = others.indexOf(after ?? "");
  const at = after === null ? 0 : found < 0 ? others.length : found + 1;
  return [...others.slice(0, at), id, ...others.slice(at)];
}

/** A message that is not shown stays out of sight. */
export function moved(order: readonly MessageId[], id: MessageId, after: MessageId | null): MessageId[] {
  return order.includes(id) ? placed(order, id, after) : [...order];
}
