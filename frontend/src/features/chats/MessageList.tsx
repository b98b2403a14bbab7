import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { MessageId } from "../../api/wire";
import { isTyping } from "../../components/keyboard";
import { useSameArray } from "../../components/useSameArray";
import { AddMessageButton } from "./AddMessageButton";
import { type ChatView, useChatView } from "./ChatContext";
import classes from "./ChatPage.module.css";
import type { OpenChat } from "./chatsSlice";
import { estimatedHeightPx } from "./estimatedHeight";
import { MessageItem } from "./MessageItem";
import { continuesTurn } from "./turns";

type List = Virtualizer<HTMLDivElement, Element>;

interface MessageListProps {
  chat: OpenChat;
  ids: readonly MessageId[];
}

/** Ten thousand messages, of which only those in sight, and the one being written, exist in the page. */
export function MessageList({ chat, ids }: MessageListProps) {
  const view = useChatView();
  const scroller = useRef<HTMLDivElement>(null);
  const keys = useSameArray(ids.map((id) => chat.messages[id]?.key ?? id));
  const editingIndex = view.editingKey === null ? -1 : keys.indexOf(view.editingKey);
  const list: List = useVirtualizer<HTMLDivElement, Element>({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) =>
      estimatedHeightPx(chat.messages[ids[index] ?? ""], isContinued(chat, ids, index)),
    // A new function would make the list place ten thousand messages anew.
    getItemKey: useCallback((index: number) => keys[index] ?? index, [keys]),
    overscan: 6,
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) =>
      withEdited(Math.max(0, startIndex - overscan), Math.min(count - 1, endIndex + overscan), editingIndex),
  });
  const isScrolling = useCallback(() => list.isScrolling, [list]);
  const wantedId = useWantedMessage(ids, list);
  useEditingInSight(editingIndex, list);
  const { tabStop, onKeyDown, onFocusMessage } = useMessageKeys(ids, keys, list, scroller, view);
  return (
    <div
      ref={scroller}
      id="message-list"
      className={classes.scroller}
      role="feed"
      aria-label="Messages"
      aria-busy={chat.loaded !== "all"}
      onKeyDown={onKeyDown}
    >
      {ids.length === 0 && <NoMessages />}
      <div className={classes.column} style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ key, index, start }) => {
          const id = ids[index] ?? "";
          return (
            <div
              key={key}
              ref={list.measureElement}
              data-index={index}
              className={classes.place}
              style={{ transform: `translateY(${start}px)` }}
            >
              <MessageItem
                chatId={chat.id}
                id={id}
                position={index + 1}
                count={ids.length}
                isTabStop={index === tabStop}
                isWanted={id === wantedId}
                isContinued={isContinued(chat, ids, index)}
                isScrolling={isScrolling}
                onFocusMessage={onFocusMessage}
              />
            </div>
          );
        })}
      </div>
      <div className={classes.end}>{view.mayEdit && <AddMessageButton />}</div>
    </div>
  );
}

function isContinued({ messages }: OpenChat, ids: readonly MessageId[], index: number): boolean {
  const message = messages[ids[index] ?? ""];
  return message !== undefined && continuesTurn(messages[ids[index - 1] ?? ""], message);
}

function NoMessages() {
  const { mayEdit } = useChatView();
  return (
    <p className={classes.none}>
      {mayEdit ? "Nothing in this chat yet. Add the first message below." : "Nothing in this chat yet."}
    </p>
  );
}

/** The places from `first` to `last`, and the one that is being written, wherever it is. */
function withEdited(first: number, last: number, edited: number): number[] {
  const shown = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  if (edited < 0 || (first <= edited && edited <= last)) return shown;
  return edited < first ? [edited, ...shown] : [...shown, edited];
}

/** Brings the message that the address names into sight, once it is loaded. */
function useWantedMessage(ids: readonly MessageId[], list: List): MessageId | null {
  const [query] = useSearchParams();
  const wanted = query.get("message");
  const wantedId = wanted === null ? null : Number(wanted);
  const index = wantedId === null ? -1 : ids.indexOf(wantedId);
  const isThere = index >= 0;
  const place = useRef(index);
  place.current = index;
  useEffect(() => {
    if (isThere && wantedId !== null) list.scrollToIndex(place.current, { align: "start" });
  }, [isThere, wantedId, list]);
  return wantedId;
}

/** A message that was just added may be far away. */
function useEditingInSight(editingIndex: number, list: List): void {
  const isEditing = editingIndex >= 0;
  const place = useRef(editingIndex);
  place.current = editingIndex;
  useEffect(() => {
    if (isEditing) list.scrollToIndex(place.current, { align: "auto" });
  }, [isEditing, list]);
}

/** One message takes part in the Tab order; j and k move on, e edits, a adds one below. */
function useMessageKeys(
  ids: readonly MessageId[],
  keys: readonly MessageId[],
  list: List,
  scroller: React.RefObject<HTMLDivElement | null>,
  view: ChatView,
) {
  const [focusedId, setFocusedId] = useState<MessageId | null>(null);
  const firstInSight = list.range?.startIndex ?? 0;
  const known = focusedId === null ? -1 : ids.indexOf(focusedId);
  const current = known >= 0 ? known : firstInSight;
  const focus = (index: number): void => {
    const id = ids[Math.max(0, Math.min(index, ids.length - 1))];
    if (id === undefined) return;
    setFocusedId(id);
    list.scrollToIndex(ids.indexOf(id), { align: "start" });
    requestAnimationFrame(() => {
      scroller.current
        ?.querySelector<HTMLElement>(`[data-message-id="${id}"]`)
        ?.focus({ preventScroll: true });
    });
  };
  const acts: Record<string, () => void> = {
    j: () => focus(current + 1),
    k: () => focus(current - 1),
    e: () => view.mayEdit && view.startEditing(keys[current] ?? ""),
    a: () => view.mayEdit && view.addMessage(ids[current] ?? "end"),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    act();
  };
  return {
    tabStop: current,
    onKeyDown,
    onFocusMessage: useCallback((id: MessageId) => setFocusedId(id), []),
  };
}
