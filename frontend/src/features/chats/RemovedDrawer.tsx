import { Button, Drawer, Loader } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { memo, useEffect, useState } from "react";
import { sentenceOf } from "../../api/client";
import { chats } from "../../api/endpoints";
import type { ChatId, Message } from "../../api/wire";
import { EmptyState } from "../../components/EmptyState";
import { useChatView } from "./ChatContext";
import classes from "./ChatPage.module.css";
import type { ChatFrame } from "./chat";
import { ROLE_NAMES } from "./roles";

interface RemovedDrawerProps {
  chat: ChatFrame;
  opened: boolean;
  onClose: () => void;
}

/** Messages that were removed from this chat; each can come back. */
export const RemovedDrawer = memo(function RemovedDrawer({ chat, opened, onClose }: RemovedDrawerProps) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" title="Removed messages">
      <RemovedList chatId={chat.id} />
    </Drawer>
  );
});

type Removed =
  | { kind: "loading" }
  | { kind: "loaded"; messages: Message[] }
  | { kind: "failed"; sentence: string };

function useRemoved(chatId: ChatId): { removed: Removed; forget: (id: number) => void } {
  const [removed, setRemoved] = useState<Removed>({ kind: "loading" });
  useEffect(() => {
    if (typeof chatId !== "number") return setRemoved({ kind: "loaded", messages: [] });
    let isCurrent = true;
    chats
      .removed(chatId)
      .then(({ items }) => isCurrent && setRemoved({ kind: "loaded", messages: items }))
      .catch((error: unknown) => isCurrent && setRemoved({ kind: "failed", sentence: sentenceOf(error) }));
    return () => {
      isCurrent = false;
    };
  }, [chatId]);
  const forget = (id: number) =>
    setRemoved((before) =>
      before.kind === "loaded"
        ? { ...before, messages: before.messages.filter((each) => each.id !== id) }
        : before,
    );
  return { removed, forget };
}

function RemovedList({ chatId }: { chatId: ChatId }) {
  const { commands } = useChatView();
  const { removed, forget } = useRemoved(chatId);
  if (removed.kind === "loading") return <Loader size="sm" type="dots" />;
  if (removed.kind === "failed")
    return <EmptyState title="Not available just now">{removed.sentence}</EmptyState>;
  if (removed.messages.length === 0) {
    return (
      <EmptyState icon={<IconHistory size={22} />} title="Nothing was removed">
        Messages that someone removes from this chat wait here.
      </EmptyState>
    );
  }
  const restore = (id: number) => {
    commands.restoreMessage(id);
    forget(id);
  };
  return (
    <ul className={classes.removed}>
      {removed.messages.map(({ id, role, author, content }) => (
        <li key={id}>
          <div className={classes.removedHead}>
            <span>{author || ROLE_NAMES[role]}</span>
            <Button variant="default" size="compact-xs" onClick={() => restore(id)}>
              Restore
            </Button>
          </div>
          <p className={classes.removedText}>{content || "Empty message"}</p>
        </li>
      ))}
    </ul>
  );
}
