import type { ChangeSet } from "@codemirror/state";
import { useMemo } from "react";
import type { ChatId, MessageId } from "../../api/wire";
import { useAppStore } from "../../app/hooks";
import { randomName } from "../../realtime/names";
import { refused } from "../connection/connectionSlice";
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
  /** How many UTF-16 code units a message may have. */
  mostUnits(): number;
  /** Says that something was not taken into the text. */
  refuseTooLong(): void;
}

const tooLong = (mostUnits: number): string =>
  `That would make this message longer than ${mostUnits.toLocaleString()} characters. Nothing was added to it.`;

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
      mostUnits: () => live.limits().maxTextUnits,
      refuseTooLong: () => {
        const sentence = tooLong(live.limits().maxTextUnits);
        store.dispatch(refused({ key: randomName(), sentence }));
      },
    }),
    [live, store, chatId, messageId],
  );
}
