import { Button } from "@mantine/core";
import { IconMessageOff } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useLocation, useNavigate, useParams } from "react-router";
import type { ChatId, User } from "../../api/wire";
import { useAppSelector } from "../../app/hooks";
import { EmptyState } from "../../components/EmptyState";
import { PageBar } from "../../components/PageBar";
import classes from "./ChatPage.module.css";
import { ChatSkeleton } from "./ChatSkeleton";
import { type OpenChat, selectChatNumber } from "./chatsSlice";
import { loadEditorWhenIdle } from "./editorModule";
import { OpenChatView } from "./OpenChatView";
import { useChat } from "./useChat";

/** The chat that the address names: by its number, or by the `op` of a chat that has none yet. */
export default function ChatPage({ user }: { user: User }) {
  const named = useParams().chatId ?? "";
  const chatId: ChatId = /^\d+$/.test(named) ? Number(named) : named;
  const viewKey = useAppSelector((state) => opUnderWhichItBegan(state.chats.numbers, chatId));
  useNumberInAddress(chatId);
  return <OneChat key={viewKey} chatId={chatId} user={user} />;
}

/** Stays the same when a new chat gets its number, so that an open editor stays open. */
function opUnderWhichItBegan(numbers: Record<string, number>, chatId: ChatId): ChatId {
  return Object.keys(numbers).find((op) => numbers[op] === chatId) ?? chatId;
}

function useNumberInAddress(chatId: ChatId): void {
  const number = useAppSelector((state) => selectChatNumber(state, chatId));
  const navigate = useNavigate();
  // Whether it is new goes along: the number may come before the chat was ever on the screen.
  const { state } = useLocation();
  useEffect(() => {
    if (number !== chatId) void navigate(`/chats/${number}`, { replace: true, state });
  }, [number, chatId, navigate, state]);
}

function hasContent({ loaded, order }: OpenChat): boolean {
  return loaded !== "loading" || order.length > 0;
}

function OneChat({ chatId, user }: { chatId: ChatId; user: User }) {
  const { chat, reload } = useChat(chatId);
  useEffect(loadEditorWhenIdle, []);
  const wasShown = useRef(false);
  // A shown chat stays while it is loaded again, as when it gets its number: nobody who types is interrupted.
  if (chat && chat.loaded !== "error" && (wasShown.current || hasContent(chat))) {
    wasShown.current = true;
    return <OpenChatView chat={chat} user={user} />;
  }
  return (
    <div className={classes.page}>
      <PageBar />
      {chat?.loaded === "error" ? (
        <EmptyState
          icon={<IconMessageOff size={22} />}
          title="This chat cannot be shown"
          action={<Button onClick={reload}>Try again</Button>}
        >
          {chat.error}
        </EmptyState>
      ) : (
        <ChatSkeleton />
      )}
    </div>
  );
}
