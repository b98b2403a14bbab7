import type { ChangeSet } from "@codemirror/state";
import type { ChatEntry, Message, MessageId } from "../../api/wire";
import { applyTo, type ChangeJson, changesFrom } from "../../realtime/textChanges";
import { type ChatMessage, messageAt, type OpenChat, type PendingCommand } from "./chat";
import { idOf, type MessageNumbers, moved, placed, project, without } from "./pendingCommands";

/** What a text entry does to the local view where it differs from the entry: see `TextEdits`. */
export type ViewChange = ChangeJson | "none" | "as_entry";

/** Brings a chat from offset n to n + 1: the snapshot before, with the entry, is the snapshot after. */
export function applyEntry(
  chat: OpenChat,
  entry: ChatEntry,
  view: ViewChange = "as_entry",
  numbers: MessageNumbers = {},
): void {
  // A text with changes on their way may stand at an older offset than the chat, and knows it by itself.
  if (entry.type === "chat_updated") changeText(chat, entry, view);
  // Before its snapshot is there a chat shows only what was made here.
  if (entry.offset <= chat.offset || chat.epoch === "") return;
  chat.offset = entry.offset;
  applyBody(chat, entry);
  dropPending(chat, (each) => each.op === entry.op || isPast(each.ackedAt, entry.offset), numbers);
  project(chat, numbers);
}

const isPast = (ackedAt: number | null, offset: number): boolean => ackedAt !== null && ackedAt <= offset;

/** These commands are answered; what was shown only for them goes. */
export function dropPending(
  chat: OpenChat,
  isDone: (command: PendingCommand) => boolean,
  numbers: MessageNumbers,
): void {
  for (const { op } of chat.pending.filter(isDone)) {
    const id = idOf(numbers, op);
    if (!chat.base.order.includes(id)) delete chat.messages[id];
  }
  chat.pending = chat.pending.filter((each) => !isDone(each));
}

function applyBody(chat: OpenChat, entry: ChatEntry): void {
  const { base } = chat;
  switch (entry.type) {
    case "chat_updated":
      break;
    case "chat_created":
    case "chat_retitled":
      base.title = entry.title;
      break;
    case "chat_archived":
      base.archivedAt = entry.archivedAt;
      break;
    case "chat_deleted":
      base.deletedAt = entry.deletedAt;
      break;
    case "chat_restored":
      base.deletedAt = null;
      break;
    case "message_added":
    case "message_restored":
      addMessage(chat, entry.message, entry.after, entry.offset);
      break;
    case "message_removed":
      removeMessage(chat, entry.messageId);
      break;
    case "message_moved":
      // Somebody else may have removed it while it was on its way: then it stays out of sight.
      base.order = moved(base.order, entry.messageId, entry.after);
      break;
    case "members_changed":
      chat.members = entry.members;
      return;
    case "branch_selected":
    case "messages_imported":
      return; // the snapshot is read again
  }
  if (movesUp(chat, entry)) chat.updatedAt = Math.max(chat.updatedAt, entry.at);
}

/** Who types on does not move the chat up with each key (rule ENT2). */
const LISTED_AGAIN_MS = 60_000;

function movesUp(chat: OpenChat, entry: ChatEntry): boolean {
  return entry.type !== "chat_updated" || entry.at - chat.updatedAt >= LISTED_AGAIN_MS;
}

type TextEntry = Extract<ChatEntry, { type: "chat_updated" }>;

function changeText(chat: OpenChat, entry: TextEntry, view: ViewChange): void {
  const message = chat.messages[entry.chat.messageId];
  if (!message || entry.offset <= message.at) return;
  message.at = entry.offset;
  message.editedAt = entry.at;
  if (view !== "none") changeContent(message, changesFrom(view === "as_entry" ? entry.chat.changes : view));
}

/** Also moves what stands in the text: a part stays behind what is typed at its place, as on the server. */
export function changeContent(message: ChatMessage, changes: ChangeSet): void {
  message.content = applyTo(message.content, changes);
  const moved = (at: number) => changes.mapPos(Math.min(at, changes.length), 1);
  message.parts = message.parts.map((part) => ({ ...part, at: moved(part.at) }));
}

/** A message that was added here keeps what was typed into it since. */
function addMessage(chat: OpenChat, message: Message, after: MessageId | null, offset: number) {
  const known = chat.messages[message.id];
  const { content, key, at } = known ?? messageAt(message, offset);
  chat.messages[message.id] = { ...messageAt(message, offset), content, key, at };
  if (!chat.base.order.includes(message.id)) chat.messageCount += 1;
  chat.base.order = placed(chat.base.order, message.id, after);
}

function removeMessage(chat: OpenChat, id: MessageId) {
  if (chat.base.order.includes(id)) chat.messageCount -= 1;
  chat.base.order = without(chat.base.order, id);
  delete chat.messages[id];
}
