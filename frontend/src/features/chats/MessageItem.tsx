import { Button } from "@mantine/core";
import { lazy, memo, Suspense, useEffect, useRef } from "react";
import type { ChatId, MessageId } from "../../api/wire";
import { useAppSelector } from "../../app/hooks";
import { useChatView } from "./ChatContext";
import { type ChatMessage, selectMessage } from "./chatsSlice";
import { loadEditor } from "./editorModule";
import classes from "./Message.module.css";
import { MessageBody } from "./MessageBody";
import { MessageHead } from "./MessageHead";
import { MessageParts } from "./parts/MessageParts";
import { speakerOf } from "./roles";
import { SaveStateWords } from "./SaveStateWords";
import { isStep } from "./turns";

const MessageEditor = lazy(loadEditor);

interface MessageItemProps {
  chatId: ChatId;
  id: MessageId;
  position: number;
  count: number;
  isTabStop: boolean;
  isWanted: boolean;
  /** Of the turn of the message above it. */
  isContinued: boolean;
  isScrolling: () => boolean;
  onFocusMessage: (id: MessageId) => void;
}

/** One message: for reading, or in place as an editor. */
function MessageItemOf(props: MessageItemProps) {
  const { chatId, id, position, count, isTabStop, isWanted, isContinued, isScrolling, onFocusMessage } =
    props;
  const message = useAppSelector((state) => selectMessage(state, chatId, id));
  const view = useChatView();
  const isEditing = message !== undefined && view.editingKey === message.key;
  const article = useFocusAfterEditing(isEditing);
  if (!message) return null;
  return (
    <article
      ref={article}
      className={classes.message}
      data-testid="message"
      data-message-id={id}
      data-role={message.role}
      data-editing={isEditing || undefined}
      data-wanted={isWanted || undefined}
      data-continued={isContinued || undefined}
      data-step={isStep(message) || undefined}
      data-dimmed={message.hidden || undefined}
      aria-label={`${speakerOf(message, view)}, message ${position} of ${count}`}
      aria-posinset={position}
      aria-setsize={count}
      tabIndex={isTabStop ? 0 : -1}
      onFocus={() => onFocusMessage(id)}
    >
      <MessageHead
        message={message}
        position={position}
        count={count}
        isEditing={isEditing}
        isContinued={isContinued}
      />
      {isEditing ? (
        <Editing message={message} />
      ) : (
        <MessageBody message={message} isScrolling={isScrolling} />
      )}
    </article>
  );
}

/** When the editor closes, the keyboard stays at the message instead of being lost. */
function useFocusAfterEditing(isEditing: boolean) {
  const article = useRef<HTMLElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    const nobodyHasFocus = document.activeElement === null || document.activeElement === document.body;
    if (wasEditing.current && !isEditing && nobodyHasFocus) article.current?.focus({ preventScroll: true });
    wasEditing.current = isEditing;
  }, [isEditing]);
  return article;
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
