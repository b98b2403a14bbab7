import type { EditorView } from "@codemirror/view";
import { useLayoutEffect, useRef, useState } from "react";
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
  const [view, setView] = useState<EditorView | null>(null);
  const text = useMessageText(chatId, messageId);
  const present = useRef({ text, onDone });
  present.current = { text, onDone };
  useLayoutEffect(() => {
    if (!host.current) return;
    const editor = createTextEditor(host.current, {
      text: present.current.text.initialText,
      label,
      onTyped: (changes) => present.current.text.applyLocal(changes),
      onCursor: (anchor, head) => present.current.text.setCursor(anchor, head),
      onBlur: () => present.current.text.clearCursor(),
      onDone: () => present.current.onDone(),
      mostUnits: () => present.current.text.mostUnits(),
      onTooLong: () => present.current.text.refuseTooLong(),
    });
    setView(editor);
    editor.focus();
    return () => {
      present.current.text.clearCursor();
      editor.destroy();
    };
  }, [label]);
  // The message may get its number while it is being written: the editor stays, what it listens to changes.
  useLayoutEffect(() => {
    if (!view) return;
    const leaveText = text.onRemote((changes) => applyFromElsewhere(view, changes));
    const leaveCursors = text.onCursors((cursors) => showCursors(view, cursors));
    return () => {
      leaveText();
      leaveCursors();
    };
  }, [view, text]);
  return <div ref={host} />;
}
