import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconDots, IconRowInsertBottom, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useChatView } from "./ChatContext";
import type { ChatMessage } from "./chatsSlice";

interface MessageMenuProps {
  message: ChatMessage;
  isFirst: boolean;
  isLast: boolean;
}

export function MessageMenu({ message, isFirst, isLast }: MessageMenuProps) {
  const { addMessage, moveMessage, removeMessage } = useChatView();
  const { id } = message;
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Menu position="bottom-end" opened={isOpen} onChange={setIsOpen}>
      <Menu.Target>
        <Tooltip label="More" disabled={isOpen}>
          <ActionIcon size="md" aria-label="More about this message">
            <IconDots size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconRowInsertBottom size={16} />} onClick={() => addMessage(id)}>
          Add a message below
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowUp size={16} />}
          disabled={isFirst}
          onClick={() => moveMessage(id, -1)}
        >
          Move up
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowDown size={16} />}
          disabled={isLast}
          onClick={() => moveMessage(id, 1)}
        >
          Move down
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => removeMessage(id)}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
