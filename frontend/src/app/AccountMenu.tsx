import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconArrowForwardUp,
  IconDeviceDesktop,
  IconFileImport,
  IconHeartbeat,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
} from "@tabler/icons-react";
import { useNavigate } from "react-router";
import type { User } from "../api/wire";
import { PersonAvatar } from "../components/PersonAvatar";
import { useSidebar } from "../components/SidebarContext";
import { signOut } from "../features/session/sessionSlice";
import classes from "./AccountMenu.module.css";
import { useAppDispatch } from "./hooks";

interface AccountMenuProps {
  user: User;
  onHelp: () => void;
  onJump: () => void;
}

export function AccountMenu({ user, onHelp, onJump }: AccountMenuProps) {
  const navigate = useNavigate();
  const dispatch = useAppDispatch();
  const sidebar = useSidebar();
  const go = (path: string) => {
    sidebar.close();
    void navigate(path);
  };
  return (
    <Menu position="top-end" width={230}>
      <Menu.Target>
        <UnstyledButton className={classes.button} aria-label={`Account of ${user.name}`}>
          <PersonAvatar name={user.name} userId={user.id} size={28} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name}
          <br />
          {user.email}
        </Menu.Label>
        <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => go("/settings")}>
          Settings
        </Menu.Item>
        <Menu.Item leftSection={<IconFileImport size={16} />} onClick={() => go("/imports")}>
          Imports
        </Menu.Item>
        {user.isAdmin && (
          <Menu.Item leftSection={<IconHeartbeat size={16} />} onClick={() => go("/health")}>
            Server health
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconArrowForwardUp size={16} />} onClick={onJump}>
          Jump to…
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onHelp}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Divider />
        <ColourSchemes />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void dispatch(signOut())}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const SCHEMES = [
  { value: "light", label: "Light", Icon: IconSun },
  { value: "dark", label: "Dark", Icon: IconMoon },
  { value: "auto", label: "As the device", Icon: IconDeviceDesktop },
] as const;

function ColourSchemes() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return SCHEMES.map(({ value, label, Icon }) => (
    <Menu.Item
      key={value}
      role="menuitemradio"
      aria-checked={colorScheme === value}
      leftSection={<Icon size={16} />}
      data-chosen={colorScheme === value || undefined}
      className={classes.scheme}
      onClick={() => setColorScheme(value)}
    >
      {label}
    </Menu.Item>
  ));
}
