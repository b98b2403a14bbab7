import type { ChatMessage } from "./chatsSlice";

const HEAD_PX = 84;
const CONTINUED_PX = 16;
const LINE_PX = 26.4;
const PARAGRAPH_PX = 14;
const LETTERS_A_LINE = 82;
const PART_PX = 48;
const MAX_LINES = 400;

/** How high a message will about be, so that the scroll bar is right before it has been seen. */
export function estimatedHeightPx(message: ChatMessage | undefined, isContinued = false): number {
  if (!message) return HEAD_PX;
  const { content, parts } = message;
  const lines = Math.min(MAX_LINES, Math.ceil(content.length / LETTERS_A_LINE));
  return (
    (isContinued ? CONTINUED_PX : HEAD_PX) + lines * (LINE_PX + PARAGRAPH_PX / 3) + parts.length * PART_PX
  );
}
