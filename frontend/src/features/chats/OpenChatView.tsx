import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { User } from "../../api/wire";
import { useSameArray } from "../../components/useSameArray";
import { ChatContext } from "./ChatContext";
import { ChatHeader } from "./ChatHeader";
import { ChatNotice } from "./ChatNotice";
import classes from "./ChatPage.module.css";
import type { OpenChat } from "./chatsSlice";
import { MessageList } from "./MessageList";
import { RemovedDrawer } from "./RemovedDrawer";
import { ShareDialog } from "./ShareDialog";
import { useChatFrame } from "./useChatFrame";
import { useOpenChat } from "./useOpenChat";

/** A loaded chat: its bar, its messages and the dialogs that belong to it. */
export function OpenChatView({ chat, user }: { chat: OpenChat; user: User }) {
  const [showHidden, setShowHidden] = useState(false);
  const [isSharing, sharing] = useDisclosure(false);
  const [isShowingRemoved, removed] = useDisclosure(false);
  const [query] = useSearchParams();
  const { order, messages } = chat;
  const isHiddenWanted = messages[Number(query.get("message"))]?.hidden ?? false;
  const ids = useSameArray(order.filter((id) => showHidden || isHiddenWanted || !messages[id]?.hidden));
  const view = useOpenChat(chat, ids, user.name);
  const frame = useChatFrame(chat);
  return (
    <ChatContext value={view}>
      <div className={classes.page}>
        <ChatHeader
          chat={frame}
          showHidden={showHidden}
          onShowHidden={setShowHidden}
          hiddenCount={order.filter((id) => messages[id]?.hidden).length}
          onShare={sharing.open}
          onShowRemoved={removed.open}
        />
        <ChatNotice chat={frame} />
        <MessageList chat={chat} ids={ids} />
      </div>
      <ShareDialog chat={frame} user={user} opened={isSharing} onClose={sharing.close} />
      <RemovedDrawer chat={frame} opened={isShowingRemoved} onClose={removed.close} />
    </ChatContext>
  );
}
