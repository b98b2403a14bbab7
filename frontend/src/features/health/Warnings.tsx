import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { ServerHealth } from "../../api/wire";
import classes from "./Health.module.css";

/** What should be looked after, in the server's words; or that there is nothing. */
export function Warnings({ warnings, isOld }: { warnings: ServerHealth["warnings"]; isOld: boolean }) {
  if (warnings.length === 0) {
    if (isOld) return null; // nobody knows how it is now
    return (
      <p className={classes.well} role="status">
        <IconCircleCheck size={20} aria-hidden />
        Nothing needs looking after.
      </p>
    );
  }
  return (
    <ul className={classes.warnings} aria-label="Warnings">
      {warnings.map(({ code, sentence }) => (
        <li key={code} data-testid="health-warning">
          <IconAlertTriangle size={20} aria-hidden />
          <span>{sentence}</span>
        </li>
      ))}
    </ul>
  );
}
