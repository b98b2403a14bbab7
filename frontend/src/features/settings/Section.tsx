import { type ReactNode, useId } from "react";
import classes from "./Settings.module.css";

interface SectionProps {
  title: string;
  words: ReactNode;
  children: ReactNode;
}

/** One subject of the settings: what it is about on the left, what to do on the right. */
export function Section({ title, words, children }: SectionProps) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        <p>{words}</p>
      </div>
      <div className={classes.controls}>{children}</div>
    </section>
  );
}
