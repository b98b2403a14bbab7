import { Button } from "@mantine/core";
import { CopyAction } from "../../components/CopyAction";
import classes from "./Connection.module.css";
import { useKeptDrafts } from "./useKeptDrafts";

const PREVIEW_UNITS = 160;

/** Texts that are not where they were written: never dropped silently, offered for copying. */
export function KeptDrafts() {
  const { drafts, discard } = useKeptDrafts();
  if (drafts.length === 0) return null;
  return (
    <section className={classes.drafts} aria-label="Texts that are kept for you">
      {drafts.map(({ key, text, sentence }) => (
        <div key={key} className={classes.draft} role="alert">
          <div>
            <strong>What you wrote is kept here.</strong> {sentence}
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
