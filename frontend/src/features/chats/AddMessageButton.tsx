import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconChevronDown, IconPlus } from "@tabler/icons-react";
import type { Role } from "../../api/wire";
import { useChatView } from "./ChatContext";
import classes from "./ChatPage.module.css";
import { ROLE_NAMES } from "./roles";

const ROLES: Role[] = ["user", "assistant", "system"];

/** Adds a message at the end and opens it for writing; beside it, the choice of whose it is. */
export function AddMessageButton() {
  const { addMessage } = useChatView();
  return (
    <div className={classes.add}>
      <Button
        variant="default"
        data-testid="add-message"
        leftSection={<IconPlus size={16} />}
        onClick={() => addMessage("end")}
      >
        Add a message
      </Button>
      <Menu position="top-start">
        <Menu.Target>
          <ActionIcon size={36} variant="default" aria-label="Add a message as …">
            <IconChevronDown size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Add a message as</Menu.Label>
          {ROLES.map((role) => (
            <Menu.Item key={role} onClick={() => addMessage("end", role)}>
              {ROLE_NAMES[role]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
