import type { ReactNode } from "react";
import { Wordmark } from "../../components/Wordmark";
import classes from "./AuthCard.module.css";

interface AuthCardProps {
  title: string;
  subtitle: string;
  children: ReactNode;
}

/** The frame of every page before signing in: the form, and beside it what the product is. */
export function AuthCard({ title, subtitle, children }: AuthCardProps) {
  return (
    <div className={classes.page}>
      <main className={classes.form}>
        <Wordmark size={28} />
        <div className={classes.inner}>
          <h1>{title}</h1>
          <p className={classes.subtitle}>{subtitle}</p>
          {children}
        </div>
      </main>
      <aside className={classes.scene} aria-hidden>
        <div className={classes.sheet}>
          <div className={classes.author}>
            <span className={classes.glyph} />
            Assistant
          </div>
          <p>
            The <mark>tide pool</mark> is a calendar you can read
            <span className={classes.caret} data-name="Mira" />
          </p>
          <p>
            with your hands, month by month.
            <span className={classes.caret} data-name="Jonas" data-second />
          </p>
        </div>
        <p className={classes.claim}>The live, shared library of your AI chats.</p>
        <p className={classes.detail}>
          Import them, search them, edit them together. Nothing typed is ever lost.
        </p>
      </aside>
    </div>
  );
}
