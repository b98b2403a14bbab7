import { Button } from "@mantine/core";
import { CopyAction } from "../../components/CopyAction";
import classes from "./Connection.module.css";
import { useKeptDrafts } from "./useKeptDrafts";

const PREVIEW_UNITS = 160;

/** Texts that the server did not take: never dropped silently, offered for copying. */
export function KeptDrafts() {
  const { drafts, discard } = useKeptDrafts();
  if (drafts.length === 0) return null;
  return (
    <section className={classes.drafts} aria-label="Texts that were not accepted">
      {drafts.map(({ key, text, sentence }) => (
        <div key={key} className={classes.draft} role="alert">
          <div>
            <strong>Your text was not accepted.</strong> {sentence}
            <p className={classes.preview}>{text.slice(0, PREVIEW_UNITS)}</p>
          </div>
          <CopyAction label="Copy the text" text={() => text} />
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => discard(key)}>
            Discard
          </Button>
        </div>
      ))}
    </section>
  );
}
