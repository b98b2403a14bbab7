import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPencilPlus } from "@tabler/icons-react";
import { useNewChat } from "./useNewChat";

export function NewChatButton({ onCreated }: { onCreated: () => void }) {
  const newChat = useNewChat();
  const create = () => {
    newChat();
    onCreated();
  };
  return (
    <Tooltip label="New chat">
      <ActionIcon size="lg" aria-label="New chat" data-testid="new-chat" onClick={create}>
        <IconPencilPlus size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
