import { useDeferredValue, useMemo, useState } from "react";
import { MarkdownText, PlainText } from "../../components/markdown/MarkdownText";
import { segmentsOf } from "../../components/markdown/segments";
import type { ChatMessage } from "./chatsSlice";
import classes from "./Message.module.css";
import { MessageParts } from "./parts/MessageParts";
import { Sources } from "./parts/Sources";

/** A message for reading: its text as Markdown, its parts where they stand in it, its sources at the end. */
export function MessageBody({ message, isScrolling }: { message: ChatMessage; isScrolling: () => boolean }) {
  // A message that comes into sight while scrolling is plain for a moment rather than make the scrolling stutter.
  const [beginsPlain] = useState(isScrolling);
  // While others type quickly, the newest text may come a moment later rather than make scrolling stutter.
  const content = useDeferredValue(message.content, beginsPlain ? null : message.content);
  const { parts } = message;
  const blocks = useMemo(() => parts.filter((part) => part.type !== "citation"), [parts]);
  const citations = useMemo(() => parts.filter((part) => part.type === "citation"), [parts]);
  const segments = useMemo(() => segmentsOf(content ?? "", blocks), [content, blocks]);
  const idPrefix = `m${message.id}`;
  if (content === null) return <PlainText text={message.content} />;
  if (segments.length === 0 && citations.length === 0) return <p className={classes.empty}>Empty message</p>;
  return (
    <div className={classes.body}>
      {segments.map((segment, index) =>
        segment.kind === "text" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: segments have no identity but their place
          <MarkdownText key={index} text={segment.text} idPrefix={`${idPrefix}-${index}`} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: segments have no identity but their place
          <MessageParts key={index} parts={segment.parts} idPrefix={`${idPrefix}-${index}`} />
        ),
      )}
      <Sources citations={citations} />
    </div>
  );
}
