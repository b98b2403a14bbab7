import { ActionIcon } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useChatView } from "./ChatContext";
import type { ChatMessage } from "./chatsSlice";
import classes from "./Message.module.css";

/** ‹ 2/3 › where a question was asked again or an answer made anew. */
export function BranchSwitcher({ message }: { message: ChatMessage }) {
  const { commands, mayEdit } = useChatView();
  const { siblings, id } = message;
  const index = siblings.indexOf(Number(id));
  if (siblings.length < 2 || index < 0) return null;
  const step = (by: -1 | 1) => {
    const target = siblings[index + by];
    if (target !== undefined) commands.selectBranch(target);
  };
  return (
    <fieldset className={classes.branches} aria-label="Versions of this message">
      <ActionIcon
        size="sm"
        aria-label="Previous version"
        disabled={!mayEdit || index === 0}
        onClick={() => step(-1)}
      >
        <IconChevronLeft size={14} />
      </ActionIcon>
      <span role="status">
        {index + 1}/{siblings.length}
      </span>
      <ActionIcon
        size="sm"
        aria-label="Next version"
        disabled={!mayEdit || index === siblings.length - 1}
        onClick={() => step(1)}
      >
        <IconChevronRight size={14} />
      </ActionIcon>
    </fieldset>
  );
}
