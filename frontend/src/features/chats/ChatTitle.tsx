import { type KeyboardEvent, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { isTyping } from "../../components/keyboard";
import { useChatView } from "./ChatContext";
import classes from "./ChatPage.module.css";
import type { ChatFrame } from "./chat";

const MAX_TITLE_UNITS = 500;

function isNewIn(state: unknown): boolean {
  return typeof state === "object" && state !== null && "isNew" in state && state.isNew === true;
}

/** The title, which becomes a field when it is clicked. */
export function ChatTitle({ chat }: { chat: ChatFrame }) {
  const { mayEdit } = useChatView();
  const location = useLocation();
  const navigate = useNavigate();
  const [isEditing, setIsEditing] = useState(mayEdit && isNewIn(location.state));
  const title = chat.title || "Untitled chat";
  useEffect(() => {
    document.title = `${title} · ChatSynth`;
    return () => {
      document.title = "ChatSynth";
    };
  }, [title]);
  useTitleKey(mayEdit, () => setIsEditing(true));
  const onDone = () => {
    setIsEditing(false);
    // Otherwise a reload would ask for the title again.
    if (isNewIn(location.state)) void navigate(location.pathname, { replace: true, state: null });
  };
  if (isEditing) return <TitleField chat={chat} onDone={onDone} />;
  return (
    <h1 className={classes.title} data-testid="chat-title">
      {mayEdit ? (
        <button type="button" title="Change the title" onClick={() => setIsEditing(true)}>
          {title}
        </button>
      ) : (
        <span>{title}</span>
      )}
    </h1>
  );
}

function TitleField({ chat, onDone }: { chat: ChatFrame; onDone: () => void }) {
  const { commands } = useChatView();
  const [title, setTitle] = useState(chat.title);
  const save = () => {
    const trimmed = title.trim();
    if (trimmed && trimmed !== chat.title) commands.retitle(trimmed);
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") save();
    else if (event.key === "Escape") onDone();
  };
  return (
    <input
      className={classes.titleField}
      data-testid="chat-title"
      aria-label="Title"
      maxLength={MAX_TITLE_UNITS}
      value={title}
      onChange={(event) => setTitle(event.currentTarget.value)}
      onFocus={(event) => event.currentTarget.select()}
      onKeyDown={onKeyDown}
      onBlur={save}
      // biome-ignore lint/a11y/noAutofocus: the field appears because the person asked for it
      autoFocus
    />
  );
}

function useTitleKey(isActive: boolean, onPress: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      const isPlain = !(event.ctrlKey || event.metaKey || event.altKey);
      if (!isActive || event.key !== "t" || !isPlain || isTyping(event.target)) return;
      event.preventDefault();
      onPress();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  });
}
