import { type ReactNode, useId } from "react";
import classes from "./Health.module.css";

interface CardProps {
  title: string;
  /** The one figure that counts. */
  main: ReactNode;
  /** What the figure is. */
  words: string;
  children?: ReactNode;
}

export function Card({ title, main, words, children }: CardProps) {
  const id = useId();
  return (
    <section className={classes.card} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className={classes.main}>{main}</p>
      <p className={classes.words}>{words}</p>
      {children}
    </section>
  );
}

/** More figures, each with what it is. */
export function Lines({ lines }: { lines: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.lines}>
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
