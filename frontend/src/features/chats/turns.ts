import type { ChatMessage } from "./chatsSlice";

/** Whether a message is a step on the way to an answer: nothing but thinking, calls of tools and the like. */
export function isStep(message: ChatMessage): boolean {
  return isOfAssistant(message) && message.content.trim() === "" && message.parts.length > 0;
}

/** Whether a message belongs to the turn of the one that is shown above it, so that it needs no head of its own. */
export function continuesTurn(above: ChatMessage | undefined, message: ChatMessage): boolean {
  if (!above || above.hidden || message.hidden || !isOfAssistant(above) || !isOfAssistant(message))
    return false;
  return isStep(above) || isStep(message);
}

function isOfAssistant({ role }: ChatMessage): boolean {
  return role === "assistant" || role === "tool";
}
