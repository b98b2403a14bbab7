import { Button } from "@mantine/core";
import { memo } from "react";
import { useChatView } from "./ChatContext";
import classes from "./ChatPage.module.css";
import type { ChatFrame } from "./chat";

/** Says what is special about this chat: in the trash, archived, or only for reading. */
export const ChatNotice = memo(function ChatNotice({ chat }: { chat: ChatFrame }) {
  const { commands } = useChatView();
  if (chat.deletedAt !== null) {
    return (
      <div className={classes.notice} role="status">
        <span>This chat is in the trash.</span>
        {chat.role === "owner" && (
          <Button size="compact-sm" variant="default" onClick={commands.restore}>
            Restore
          </Button>
        )}
      </div>
    );
  }
  if (chat.archivedAt !== null) {
    return (
      <div className={classes.notice} role="status">
        <span>This chat is archived.</span>
        <Button size="compact-sm" variant="default" onClick={() => commands.archive(false)}>
          Back to the library
        </Button>
      </div>
    );
  }
  if (chat.role === "viewer") {
    return (
      <div className={classes.notice} role="status">
        You can read this chat. Changes that others make appear as they type.
      </div>
    );
  }
  return null;
});
