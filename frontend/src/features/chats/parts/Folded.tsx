import { IconChevronRight, type TablerIcon } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import classes from "./Parts.module.css";

interface FoldedProps {
  icon: TablerIcon;
  title: string;
  detail?: string | null | undefined;
  isError?: boolean;
  /** Open from the beginning. */
  isOpen?: boolean;
  children: ReactNode;
}

/** A line that opens; what is inside is not rendered before. */
export function Folded({
  icon: Icon,
  title,
  detail,
  isError = false,
  isOpen = false,
  children,
}: FoldedProps) {
  const [opened, setOpened] = useState(isOpen);
  return (
    <details
      className={classes.folded}
      data-error={isError || undefined}
      open={opened}
      onToggle={(event) => setOpened(event.currentTarget.open)}
    >
      <summary>
        <Icon size={16} stroke={1.75} aria-hidden />
        <span className={classes.foldedTitle}>{title}</span>
        {detail && <span className={classes.foldedDetail}>{detail}</span>}
        <IconChevronRight className={classes.chevron} size={14} aria-hidden />
      </summary>
      {opened && <div className={classes.inside}>{children}</div>}
    </details>
  );
}
