import { useDisclosure } from "@mantine/hooks";
import { useMemo, useState } from "react";
import type { User } from "../../api/wire";
import { ChatContext } from "./ChatContext";
import { ChatHeader } from "./ChatHeader";
import { ChatNotice } from "./ChatNotice";
import classes from "./ChatPage.module.css";
import type { OpenChat } from "./chatsSlice";
import { MessageList } from "./MessageList";
import { RemovedDrawer } from "./RemovedDrawer";
import { ShareDialog } from "./ShareDialog";
import { useOpenChat } from "./useOpenChat";

/** A loaded chat: its bar, its messages and the dialogs that belong to it. */
export function OpenChatView({ chat, user }: { chat: OpenChat; user: User }) {
  const [showHidden, setShowHidden] = useState(false);
  const [isSharing, sharing] = useDisclosure(false);
  const [isShowingRemoved, removed] = useDisclosure(false);
  const view = useOpenChat(chat, user.name);
  const { order, messages } = chat;
  const ids = useMemo(
    () => order.filter((id) => showHidden || !messages[id]?.hidden),
    [order, messages, showHidden],
  );
  return (
    <ChatContext value={view}>
      <div className={classes.page}>
        <ChatHeader
          chat={chat}
          showHidden={showHidden}
          onShowHidden={setShowHidden}
          hiddenCount={useMemo(() => order.filter((id) => messages[id]?.hidden).length, [order, messages])}
          onShare={sharing.open}
          onShowRemoved={removed.open}
        />
        <ChatNotice chat={chat} />
        <MessageList chat={chat} ids={ids} />
      </div>
      <ShareDialog chat={chat} user={user} opened={isSharing} onClose={sharing.close} />
      <RemovedDrawer chat={chat} opened={isShowingRemoved} onClose={removed.close} />
    </ChatContext>
  );
}
