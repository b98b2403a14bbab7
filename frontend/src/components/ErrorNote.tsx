import { IconAlertCircle } from "@tabler/icons-react";
import classes from "./ErrorNote.module.css";

/** A sentence about what went wrong, announced when it appears; nothing while there is none. */
export function ErrorNote({ sentence }: { sentence: string | null }) {
  return (
    <div className={classes.place} role="alert">
      {sentence && (
        <p className={classes.note}>
          <IconAlertCircle size={18} aria-hidden />
          <span>{sentence}</span>
        </p>
      )}
    </div>
  );
}
