import type { Part } from "../../../api/wire";
import classes from "./Parts.module.css";
import { PartView } from "./PartView";

/** Parts that stand together. */
export function MessageParts({ parts, idPrefix }: { parts: readonly Part[]; idPrefix: string }) {
  return (
    <div className={classes.parts}>
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
        <PartView key={index} part={part} idPrefix={`${idPrefix}-${index}`} />
      ))}
    </div>
  );
}
