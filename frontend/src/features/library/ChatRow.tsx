import { IconUsers } from "@tabler/icons-react";
import { memo } from "react";
import { NavLink } from "react-router";
import type { ChatSummary } from "../../api/wire";
import { PlatformBadge } from "../../components/PlatformBadge";
import { RelativeTime } from "../../components/RelativeTime";
import classes from "./ChatList.module.css";

interface ChatRowProps {
  chat: ChatSummary;
  isTabStop: boolean;
  onOpen: () => void;
}

function detail(chat: ChatSummary): string {
  const messages = chat.messageCount === 1 ? "1 message" : `${chat.messageCount.toLocaleString()} messages`;
  return chat.role === "owner" ? messages : `${messages} · from ${chat.ownerName}`;
}

function ChatRowOf({ chat, isTabStop, onOpen }: ChatRowProps) {
  return (
    <NavLink
      to={`/chats/${chat.id}`}
      className={classes.row ?? ""}
      data-testid="chat-item"
      data-chat-id={chat.id}
      tabIndex={isTabStop ? 0 : -1}
      onClick={onOpen}
    >
      <PlatformBadge platform={chat.platform} />
      <span className={classes.words}>
        <span className={classes.line}>
          <span className={classes.title}>{chat.title || "Untitled chat"}</span>
          <RelativeTime className={classes.time} atMs={chat.updatedAt} />
        </span>
        <span className={classes.detail}>
          {chat.isShared && <IconUsers size={13} aria-label="Shared" />}
          {detail(chat)}
        </span>
      </span>
    </NavLink>
  );
}

export const ChatRow = memo(ChatRowOf);
