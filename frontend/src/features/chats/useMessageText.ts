import type { ChangeSet } from "@codemirror/state";
import { useMemo } from "react";
import type { ChatId, MessageId } from "../../api/wire";
import { useAppStore } from "../../app/hooks";
import { type PersonCursor, useLive } from "../live/LiveContext";
import { selectMessage } from "./chatsSlice";

/** A message's text for an editor, which must apply every change that `onRemote` tells, in order. */
export interface MessageText {
  /** The text at this moment; read it when the editor is made, and subscribe with `onRemote` in the same turn. */
  readonly initialText: string;
  /** A change that was typed here. Call it in the turn in which the editor made it. */
  applyLocal(changes: ChangeSet): void;
  onRemote(listener: (changes: ChangeSet) => void): () => void;
  setCursor(anchor: number, head: number): void;
  /** The editor has lost its cursor. */
  clearCursor(): void;
  onCursors(listener: (cursors: PersonCursor[]) => void): () => void;
}

export function useMessageText(chatId: ChatId, messageId: MessageId): MessageText {
  const live = useLive();
  const store = useAppStore();
  return useMemo(
    () => ({
      get initialText() {
        return selectMessage(store.getState(), chatId, messageId)?.content ?? "";
      },
      applyLocal: (changes) => live.edit(chatId, messageId, changes),
      onRemote: (listener) => live.onText(chatId, messageId, listener),
      setCursor: (anchor, head) => live.setCursor(chatId, { messageId, anchor, head }),
      clearCursor: () => live.setCursor(chatId, null),
      onCursors: (listener) => live.onCursors(chatId, messageId, listener),
    }),
    [live, store, chatId, messageId],
  );
}
