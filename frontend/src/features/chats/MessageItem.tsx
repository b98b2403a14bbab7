import { Button } from "@mantine/core";
import { lazy, memo, Suspense } from "react";
import type { ChatId, MessageId } from "../../api/wire";
import { useAppSelector } from "../../app/hooks";
import { useChatView } from "./ChatContext";
import { type ChatMessage, selectMessage } from "./chatsSlice";
import classes from "./Message.module.css";
import { MessageBody } from "./MessageBody";
import { MessageHead } from "./MessageHead";
import { MessageParts } from "./parts/MessageParts";
import { speakerOf } from "./roles";
import { SaveStateWords } from "./SaveStateWords";

const MessageEditor = lazy(() => import("./MessageEditor"));

interface MessageItemProps {
  chatId: ChatId;
  id: MessageId;
  position: number;
  count: number;
  isTabStop: boolean;
  isWanted: boolean;
  onFocusMessage: (id: MessageId) => void;
}

/** One message: for reading, or in place as an editor. */
function MessageItemOf(props: MessageItemProps) {
  const { chatId, id, position, count, isTabStop, isWanted, onFocusMessage } = props;
  const message = useAppSelector((state) => selectMessage(state, chatId, id));
  const view = useChatView();
  if (!message) return null;
  const isEditing = view.editingKey === message.key;
  return (
    <article
      className={classes.message}
      data-testid="message"
      data-message-id={id}
      data-role={message.role}
      data-editing={isEditing || undefined}
      data-wanted={isWanted || undefined}
      data-dimmed={message.hidden || undefined}
      aria-label={`${speakerOf(message, view)}, message ${position} of ${count}`}
      aria-posinset={position}
      aria-setsize={count}
      tabIndex={isTabStop ? 0 : -1}
      onFocus={() => onFocusMessage(id)}
    >
      <MessageHead message={message} position={position} count={count} isEditing={isEditing} />
      {isEditing ? <Editing message={message} /> : <MessageBody chatId={chatId} message={message} />}
    </article>
  );
}

export const MessageItem = memo(MessageItemOf);

function Editing({ message }: { message: ChatMessage }) {
  const { chatId, stopEditing } = useChatView();
  const otherParts = message.parts.length > 0;
  return (
    <div className={classes.editing}>
      <Suspense fallback={<div className={classes.editorWaits}>{message.content}</div>}>
        <MessageEditor chatId={chatId} messageId={message.id} label="Message text" onDone={stopEditing} />
      </Suspense>
      {otherParts && (
        <div className={classes.partsWhileEditing}>
          <MessageParts parts={message.parts} idPrefix={`m${message.id}`} />
        </div>
      )}
      <div className={classes.editBar}>
        <SaveStateWords chatId={chatId} messageId={message.id} isAlwaysShown />
        <Button size="compact-sm" onClick={stopEditing}>
          Done
        </Button>
      </div>
    </div>
  );
}
