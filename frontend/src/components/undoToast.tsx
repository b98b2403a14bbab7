import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import classes from "./undoToast.module.css";

const SHOWN_MS = 9000;

/** Says what was done and offers to take it back. */
export function showUndoToast(words: string, undo: () => void): void {
  const id = notifications.show({
    message: (
      <div className={classes.line}>
        <span>{words}</span>
        <Button
          variant="light"
          size="compact-sm"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </Button>
      </div>
    ),
    autoClose: SHOWN_MS,
    withBorder: true,
    role: "status",
    "data-testid": "toast",
  });
}
