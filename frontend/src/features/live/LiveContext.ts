import type { ChangeSet } from "@codemirror/state";
import { createContext, useContext } from "react";
import type { Ack, ChatId, Command, Limits, MessageId } from "../../api/wire";

/** A command on its way: its name, and the server's answer when it has come. */
export interface SentCommand {
  op: string;
  /** Rejects with `Refusal` when the server refuses; waits as long as the network is away. */
  done: Promise<Ack>;
}

export class Refusal extends Error {
  constructor(
    readonly code: string,
    sentence: string,
  ) {
    super(sentence);
    this.name = "Refusal";
  }
}

export interface Cursor {
  messageId: MessageId;
  anchor: number;
  head: number;
}

export interface PersonCursor {
  session: string;
  userId: number;
  name: string;
  anchor: number;
  head: number;
}

/** Everything live that the page's hooks use; made by `app/LiveProvider`. */
export interface Live {
  /** Keeps a command on this device, shows it, sends it, sends it again until it is answered. */
  command(command: Command): SentCommand;
  /** Loads a chat, follows it, says that this person is in it; the answer leaves it. */
  openChat(chatId: ChatId): () => void;
  reloadChat(chatId: ChatId): void;
  edit(chatId: ChatId, messageId: MessageId, changes: ChangeSet): void;
  /** Tells each change of the local view that did not come from `edit`. */
  onText(chatId: ChatId, messageId: MessageId, listener: (changes: ChangeSet) => void): () => void;
  setCursor(chatId: ChatId, cursor: Cursor | null): void;
  /** Tells where the others' cursors are in the local view of this message. */
  onCursors(chatId: ChatId, messageId: MessageId, listener: (cursors: PersonCursor[]) => void): () => void;
  discardDraft(key: string): void;
  /** What the server takes, as it said last. */
  limits(): Limits;
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("This component must be inside a LiveProvider.");
  return live;
}
