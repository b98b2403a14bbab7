import classes from "./Wordmark.module.css";

/** The sign of ChatSynth. */
export function Mark({ size }: { size: number }) {
  return <img src="/favicon.svg" width={size} height={size} alt="" />;
}

/** The sign with the name. */
export function Wordmark({ size = 24 }: { size?: number }) {
  return (
    <span className={classes.wordmark}>
      <Mark size={size} />
      <span>ChatSynth</span>
    </span>
  );
}
