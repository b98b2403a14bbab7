import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconDots,
  IconEye,
  IconEyeOff,
  IconHistory,
  IconRestore,
  IconTrash,
  IconUserPlus,
} from "@tabler/icons-react";
import { memo, useState } from "react";
import { PageBar } from "../../components/PageBar";
import { useSidebar } from "../../components/SidebarContext";
import { showUndoToast } from "../../components/undoToast";
import { useChatView } from "./ChatContext";
import classes from "./ChatPage.module.css";
import { ChatTitle } from "./ChatTitle";
import type { ChatFrame } from "./chat";
import { PresentAvatars } from "./PresentAvatars";

interface ChatHeaderProps {
  chat: ChatFrame;
  showHidden: boolean;
  hiddenCount: number;
  onShowHidden: (show: boolean) => void;
  onShare: () => void;
  onShowRemoved: () => void;
}

export const ChatHeader = memo(function ChatHeader(props: ChatHeaderProps) {
  const { chat, onShare } = props;
  const { isHidden: isPhone } = useSidebar();
  const mayShare = chat.role === "owner" || chat.members.length > 1;
  return (
    <PageBar>
      <ChatTitle chat={chat} />
      <PresentAvatars chatId={chat.id} />
      {mayShare &&
        (isPhone ? (
          <ActionIcon size="lg" aria-label="Share" onClick={onShare}>
            <IconUserPlus size={18} />
          </ActionIcon>
        ) : (
          <Button
            className={classes.share ?? ""}
            variant="default"
            size="xs"
            leftSection={<IconUserPlus size={15} />}
            onClick={onShare}
          >
            Share
          </Button>
        ))}
      <ChatMenu {...props} />
    </PageBar>
  );
});

function ChatMenu({ chat, showHidden, hiddenCount, onShowHidden, onShowRemoved }: ChatHeaderProps) {
  const { mayEdit } = useChatView();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Menu position="bottom-end" width={230} opened={isOpen} onChange={setIsOpen}>
      <Menu.Target>
        <Tooltip label="More" disabled={isOpen}>
          <ActionIcon size="lg" aria-label="More about this chat">
            <IconDots size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {hiddenCount > 0 && (
          <Menu.Item
            leftSection={showHidden ? <IconEyeOff size={16} /> : <IconEye size={16} />}
            onClick={() => onShowHidden(!showHidden)}
          >
            {showHidden ? "Hide" : "Show"} {hiddenCount} hidden {hiddenCount === 1 ? "message" : "messages"}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconHistory size={16} />} disabled={!mayEdit} onClick={onShowRemoved}>
          Removed messages
        </Menu.Item>
        {chat.role === "owner" && <OwnerItems chat={chat} />}
      </Menu.Dropdown>
    </Menu>
  );
}

function OwnerItems({ chat }: { chat: ChatFrame }) {
  const { commands } = useChatView();
  const isArchived = chat.archivedAt !== null;
  const archive = () => {
    commands.archive(!isArchived);
    if (!isArchived) showUndoToast("Chat archived", () => commands.archive(false));
  };
  const remove = () => {
    commands.remove();
    showUndoToast("Chat moved to the trash", commands.restore);
  };
  return (
    <>
      <Menu.Divider />
      <Menu.Item
        leftSection={isArchived ? <IconArchiveOff size={16} /> : <IconArchive size={16} />}
        onClick={archive}
      >
        {isArchived ? "Back to the library" : "Archive"}
      </Menu.Item>
      {chat.deletedAt === null ? (
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={remove}>
          Delete
        </Menu.Item>
      ) : (
        <Menu.Item leftSection={<IconRestore size={16} />} onClick={commands.restore}>
          Restore
        </Menu.Item>
      )}
    </>
  );
}
