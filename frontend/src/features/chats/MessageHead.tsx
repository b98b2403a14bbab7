import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPencil, IconRobot, IconSettings2, IconTool, IconUser } from "@tabler/icons-react";
import { memo } from "react";
import type { Role } from "../../api/wire";
import { useAppSelector, useAppStore } from "../../app/hooks";
import { CopyAction } from "../../components/CopyAction";
import { stripCitationMarks } from "../../components/markdown/prepare";
import { PlatformBadge } from "../../components/PlatformBadge";
import { RelativeTime } from "../../components/RelativeTime";
import { selectPresent } from "../presence/presenceSlice";
import { BranchSwitcher } from "./BranchSwitcher";
import { useChatView } from "./ChatContext";
import { type ChatMessage, selectMessage } from "./chatsSlice";
import classes from "./Message.module.css";
import { MessageMenu } from "./MessageMenu";
import { speakerOf } from "./roles";
import { SaveStateWords } from "./SaveStateWords";

interface MessageHeadProps {
  message: ChatMessage;
  position: number;
  count: number;
  isEditing: boolean;
  isContinued: boolean;
}

/** Who wrote a message, with what and when, and what can be done with it. */
export const MessageHead = memo(MessageHeadOf, isSameHead);

function MessageHeadOf({ message, position, count, isEditing, isContinued }: MessageHeadProps) {
  const view = useChatView();
  const store = useAppStore();
  const { chatId, platform, mayEdit, startEditing } = view;
  // The newest text: this is not drawn again for each key that is typed into it.
  const text = () => stripCitationMarks(selectMessage(store.getState(), chatId, message.id)?.content ?? "");
  return (
    <header className={classes.head}>
      {!isContinued && (
        <>
          <RoleSign role={message.role} platform={platform} />
          <span className={classes.speaker}>{speakerOf(message, view)}</span>
          {message.model && message.role === "assistant" && (
            <span className={classes.model}>{message.model}</span>
          )}
          {message.createdAt !== null && <RelativeTime className={classes.time} atMs={message.createdAt} />}
        </>
      )}
      {isEdited(message) && <span className={classes.time}>edited</span>}
      {message.hidden && <span className={classes.time}>hidden</span>}
      {!isEditing && <SaveStateWords chatId={chatId} messageId={message.id} isAlwaysShown={false} />}
      {!isEditing && <WritersHere message={message} />}
      <span className={classes.space} />
      <BranchSwitcher message={message} />
      <div className={classes.tools}>
        {mayEdit && !isEditing && (
          <Tooltip label="Edit (e)">
            <ActionIcon
              size="md"
              aria-label="Edit"
              data-testid="message-edit"
              onClick={() => startEditing(message.key)}
            >
              <IconPencil size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        <CopyAction label="Copy the text" text={text} />
        {mayEdit && <MessageMenu message={message} isFirst={position === 1} isLast={position === count} />}
      </div>
    </header>
  );
}

const SHOWN = ["id", "key", "role", "author", "model", "createdAt", "hidden", "siblings"] as const;

function isSameHead(before: MessageHeadProps, after: MessageHeadProps): boolean {
  const [one, other] = [before.message, after.message];
  return (
    before.position === after.position &&
    before.count === after.count &&
    before.isEditing === after.isEditing &&
    before.isContinued === after.isContinued &&
    isEdited(one) === isEdited(other) &&
    SHOWN.every((field) => one[field] === other[field])
  );
}

const JUST_WRITTEN_MS = 120_000;

/** Writing a new message is no edit of it. */
function isEdited({ createdAt, editedAt }: ChatMessage): boolean {
  return editedAt !== null && editedAt - (createdAt ?? 0) > JUST_WRITTEN_MS;
}

function RoleSign({ role, platform }: { role: Role; platform: string | null }) {
  switch (role) {
    case "assistant":
      return platform === null ? (
        <span className={classes.sign} data-role="assistant">
          <IconRobot size={15} aria-hidden />
        </span>
      ) : (
        <PlatformBadge platform={platform} size={15} />
      );
    case "user":
      return (
        <span className={classes.sign}>
          <IconUser size={15} aria-hidden />
        </span>
      );
    case "system":
      return (
        <span className={classes.sign}>
          <IconSettings2 size={15} aria-hidden />
        </span>
      );
    case "tool":
      return (
        <span className={classes.sign}>
          <IconTool size={15} aria-hidden />
        </span>
      );
  }
}

/** Who is writing in this message, while one only reads it. */
function WritersHere({ message }: { message: ChatMessage }) {
  const { chatId } = useChatView();
  const present = useAppSelector((state) => selectPresent(state, chatId));
  const names = present.filter(({ state }) => state.messageId === message.id).map(({ name }) => name);
  if (names.length === 0) return null;
  return <span className={classes.writing}>{[...new Set(names)].join(", ")} writing…</span>;
}
