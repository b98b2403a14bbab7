import { useEffect } from "react";
import { isTyping, listMove } from "../components/keyboard";

interface Shortcuts {
  onSearch: () => void;
  onJump: () => void;
  onHelp: () => void;
}

function isJump(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
}

function isFree(event: KeyboardEvent): boolean {
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey);
  return isPlain && !event.defaultPrevented && !isTyping(event.target);
}

function isNowhere(target: EventTarget | null): boolean {
  return target === document.body || target === contentOf();
}

/** The keys that work everywhere: `/` search, Ctrl or Cmd with K jump, `?` help; j and k go to the list. */
export function useShortcuts({ onSearch, onJump, onHelp }: Shortcuts): void {
  useEffect(() => {
    const act = (event: KeyboardEvent): void => {
      if (event.key === "/") {
        event.preventDefault();
        onSearch();
      } else if (event.key === "?") onHelp();
      else if (listMove(event) && isNowhere(event.target)) focusList(event);
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (isJump(event)) {
        event.preventDefault();
        onJump();
      } else if (isFree(event)) act(event);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [onSearch, onJump, onHelp]);
}

function contentOf(): HTMLElement | null {
  return document.getElementById("content");
}

/** With nothing in focus, a list key goes to the messages of the open chat, or else to the list of chats. */
function focusList(event: KeyboardEvent): void {
  const messages = document.querySelector<HTMLElement>('#message-list [tabindex="0"]');
  const chats = document.querySelector<HTMLElement>('#chat-list [tabindex="0"]');
  const target = messages ?? chats;
  if (!target || event.key === "Home" || event.key === "End") return;
  event.preventDefault();
  target.focus();
}
