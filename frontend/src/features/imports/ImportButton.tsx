import { ActionIcon, Tooltip } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useImporting } from "./ImportProvider";

export function ImportButton() {
  const { chooseFile } = useImporting();
  return (
    <Tooltip label="Import an export">
      <ActionIcon size="lg" aria-label="Import an export" onClick={chooseFile}>
        <IconFileImport size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
