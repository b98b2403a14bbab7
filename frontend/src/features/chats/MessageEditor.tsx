import { useEffect, useRef } from "react";
import type { ChatId, MessageId } from "../../api/wire";
import { showCursors } from "../../components/editor/remoteCursors";
import { applyFromElsewhere, createTextEditor } from "../../components/editor/textEditor";
import { useMessageText } from "./useMessageText";

interface MessageEditorProps {
  chatId: ChatId;
  messageId: MessageId;
  label: string;
  onDone: () => void;
}

/** The message as an editor: what is typed goes out as it is typed, what others type comes in. */
export default function MessageEditor({ chatId, messageId, label, onDone }: MessageEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const done = useRef(onDone);
  done.current = onDone;
  const text = useMessageText(chatId, messageId);
  useEffect(() => {
    if (!host.current) return;
    const view = createTextEditor(host.current, {
      text: text.initialText,
      label,
      onTyped: text.applyLocal,
      onCursor: text.setCursor,
      onBlur: text.clearCursor,
      onDone: () => done.current(),
    });
    const leaveText = text.onRemote((changes) => applyFromElsewhere(view, changes));
    const leaveCursors = text.onCursors((cursors) => showCursors(view, cursors));
    view.focus();
    return () => {
      leaveText();
      leaveCursors();
      text.clearCursor();
      view.destroy();
    };
  }, [text, label]);
  return <div ref={host} />;
}
