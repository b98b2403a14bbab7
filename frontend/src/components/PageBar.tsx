import { ActionIcon } from "@mantine/core";
import { IconMenu2 } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./PageBar.module.css";
import { useSidebar } from "./SidebarContext";

/** The line at the top of each page; on a phone it has the button that opens the library. */
export function PageBar({ children }: { children?: ReactNode }) {
  const sidebar = useSidebar();
  return (
    <header className={classes.bar}>
      {sidebar.isHidden && (
        <ActionIcon size="lg" aria-label="Open the library" onClick={sidebar.open}>
          <IconMenu2 size={20} />
        </ActionIcon>
      )}
      {children}
      {sidebar.isHidden && <span className={classes.status}>{sidebar.status}</span>}
    </header>
  );
}
