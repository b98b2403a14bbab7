import type { ReactNode } from "react";
import { PageBar } from "./PageBar";
import classes from "./TitledPage.module.css";

interface TitledPageProps {
  title: string;
  /** At the end of the line of the title. */
  action?: ReactNode;
  children: ReactNode;
}

/** A page with a title that stays, over what scrolls. */
export function TitledPage({ title, action, children }: TitledPageProps) {
  return (
    <div className={classes.page}>
      <PageBar>
        <h1 className={classes.title}>{title}</h1>
        {action}
      </PageBar>
      <div className={classes.scroller}>{children}</div>
    </div>
  );
}
