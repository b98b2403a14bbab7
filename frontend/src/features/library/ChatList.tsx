import { Button, Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useMatch } from "react-router";
import { useAppDispatch, useAppSelector } from "../../app/hooks";
import { EmptyState } from "../../components/EmptyState";
import { listMove, movedIndex } from "../../components/keyboard";
import { useNow } from "../../components/useNow";
import classes from "./ChatList.module.css";
import { ChatRow } from "./ChatRow";
import { type LibraryView, loadMoreChats, selectLibrary, selectLibraryView } from "./librarySlice";
import { type Row, rowsOf } from "./rows";

const ROW_PX = { heading: 34, chat: 56 };
const LOAD_AHEAD_ROWS = 30;

interface ChatListProps {
  view: LibraryView;
  onOpen: () => void;
}

/** Thousands of chats, of which only those in sight exist in the page. */
export function ChatList({ view, onOpen }: ChatListProps) {
  const chats = useAppSelector((state) => selectLibrary(state, view));
  const nowMs = useNow();
  const rows = useMemo(() => rowsOf(chats, nowMs), [chats, nowMs]);
  const scroller = useRef<HTMLElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => ROW_PX[rows[index]?.kind ?? "chat"],
    getItemKey: useCallback((index: number) => keyOf(rows[index]), [rows]),
    overscan: 12,
  });
  useOpenChatInSight(rows, list.scrollToIndex);
  const lastShown = list.getVirtualItems().at(-1)?.index ?? 0;
  const { loading, error, retry } = useMore(view, lastShown >= rows.length - LOAD_AHEAD_ROWS);
  const { tabStop, onKeyDown } = useRovingFocus(rows, scroller, (index) => list.scrollToIndex(index));
  if (rows.length === 0) return <NoChats view={view} loading={loading} error={error} retry={retry} />;
  return (
    <nav
      ref={scroller}
      id="chat-list"
      className={classes.list}
      data-testid="chat-list"
      aria-label="Chats"
      aria-busy={loading}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: list.getTotalSize(), position: "relative" }}>
        {list.getVirtualItems().map(({ key, index, start, size }) => (
          <div
            key={key}
            className={classes.place}
            style={{ height: size, transform: `translateY(${start}px)` }}
          >
            <RowView row={rows[index]} isTabStop={index === tabStop} onOpen={onOpen} />
          </div>
        ))}
      </div>
      {error && <Problem sentence={error} retry={retry} />}
    </nav>
  );
}

function keyOf(row: Row | undefined): string | number {
  if (!row) return "";
  return row.kind === "heading" ? row.words : row.chat.id;
}

function RowView(props: { row: Row | undefined; isTabStop: boolean; onOpen: () => void }) {
  const { row, isTabStop, onOpen } = props;
  if (!row) return null;
  if (row.kind === "heading") return <h2 className={classes.heading}>{row.words}</h2>;
  return <ChatRow chat={row.chat} isTabStop={isTabStop} onOpen={onOpen} />;
}

/** Loads the first page, and the next one whenever its chats are about to come into sight. */
function useMore(view: LibraryView, isNearEnd: boolean) {
  const dispatch = useAppDispatch();
  const { loading, next, error } = useAppSelector((state) => selectLibraryView(state, view));
  useEffect(() => {
    if (isNearEnd && next !== null && !loading && !error) void dispatch(loadMoreChats(view));
  }, [dispatch, view, isNearEnd, next, loading, error]);
  const retry = () => void dispatch(loadMoreChats(view));
  return { loading: loading || (next === undefined && !error), error, retry };
}

/** The list stands beside the routes, so it reads the address itself; NaN when no chat is open. */
function useOpenChatId(): number {
  return Number(useMatch("/chats/:chatId")?.params.chatId);
}

/** The chat that was opened by its address or found by a search comes into sight, once. */
function useOpenChatInSight(rows: readonly Row[], scrollTo: (index: number) => void): void {
  const openId = useOpenChatId();
  const shownId = useRef<number | null>(null);
  useEffect(() => {
    if (shownId.current === openId) return;
    const index = rows.findIndex((row) => row.kind === "chat" && row.chat.id === openId);
    if (index < 0) return;
    shownId.current = openId;
    scrollTo(index);
  }, [rows, openId, scrollTo]);
}

/** One row takes part in the Tab order; arrows, j and k move it. */
function useRovingFocus(
  rows: readonly Row[],
  scroller: React.RefObject<HTMLElement | null>,
  scrollTo: (index: number) => void,
) {
  const openId = useOpenChatId();
  const [focusedId, setFocusedId] = useState<number | null>(null);
  const wanted = focusedId ?? openId;
  const positions = useMemo(
    () => rows.flatMap((row, index) => (row.kind === "chat" ? [{ index, id: row.chat.id }] : [])),
    [rows],
  );
  const current = Math.max(
    0,
    positions.findIndex(({ id }) => id === wanted),
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = listMove(event);
    if (move === null || positions.length === 0) return;
    event.preventDefault();
    const target = positions[movedIndex(current, move, positions.length)];
    if (!target) return;
    setFocusedId(target.id);
    scrollTo(target.index);
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-chat-id="${target.id}"]`)?.focus();
    });
  };
  return { tabStop: positions[current]?.index ?? -1, onKeyDown };
}

const NOTHING: Record<LibraryView, { title: string; words: string }> = {
  library: { title: "No chats yet", words: "Import an export, or start a chat of your own." },
  archived: {
    title: "Nothing archived",
    words: "Archive a chat to keep it out of the way. It stays searchable.",
  },
  trash: { title: "The trash is empty", words: "Deleted chats wait here and can be restored." },
};

function NoChats(props: { view: LibraryView; loading: boolean; error: string | null; retry: () => void }) {
  const { view, loading, error, retry } = props;
  if (error) return <Problem sentence={error} retry={retry} />;
  if (loading) return <LoadingRows />;
  return (
    <div className={classes.list} data-testid="chat-list">
      <EmptyState title={NOTHING[view].title}>{NOTHING[view].words}</EmptyState>
    </div>
  );
}

function Problem({ sentence, retry }: { sentence: string; retry: () => void }) {
  return (
    <div className={classes.problem} role="alert">
      <p>{sentence}</p>
      <Button variant="default" size="compact-sm" onClick={retry}>
        Try again
      </Button>
    </div>
  );
}

function LoadingRows() {
  return (
    <div className={classes.loading} role="status" aria-label="Loading chats">
      {[72, 54, 80, 61, 47].map((width) => (
        <div key={width} className={classes.loadingRow}>
          <Skeleton h={28} w={28} radius="md" />
          <Skeleton h={12} w={`${width}%`} />
        </div>
      ))}
    </div>
  );
}
