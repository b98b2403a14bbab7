import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";

interface CopyActionProps {
  label: string;
  text: () => string;
}

/** A small button that copies a text and says so. */
export function CopyAction({ label, text }: CopyActionProps) {
  const clipboard = useClipboard({ timeout: 1500 });
  const shown = clipboard.copied ? "Copied" : clipboard.error ? "Could not copy" : label;
  return (
    <Tooltip label={shown}>
      <ActionIcon size="sm" aria-label={shown} onClick={() => clipboard.copy(text())}>
        {clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}
