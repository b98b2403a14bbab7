import { CopyAction } from "../../components/CopyAction";
import classes from "./Settings.module.css";

/** Something that is shown this once. */
export function Secret({ words, secret }: { words: string; secret: string }) {
  return (
    <div className={classes.secret} role="status">
      <p className={classes.secretWords}>{words}</p>
      <div className={classes.line}>
        <code>{secret}</code>
        <CopyAction label="Copy" text={() => secret} />
      </div>
    </div>
  );
}
