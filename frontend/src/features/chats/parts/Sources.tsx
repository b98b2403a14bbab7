import { IconWorld } from "@tabler/icons-react";
import type { Part } from "../../../api/wire";
import { hostOf, safeLink } from "../../../components/markdown/addresses";
import { SafeLink } from "../../../components/markdown/SafeLink";
import { Folded } from "./Folded";
import classes from "./Parts.module.css";

interface SourceLine {
  key: string;
  url: string;
  title: string;
  text: string;
}

/** Each source once, by its address or else its title. */
export function sourceLines(citations: readonly Part[]): SourceLine[] {
  const lines = new Map<string, SourceLine>();
  for (const { url, title, name, text } of citations) {
    const shown = title || name || url || "Source";
    const key = url || shown;
    if (!lines.has(key)) lines.set(key, { key, url: url ?? "", title: shown, text: text ?? "" });
  }
  return [...lines.values()];
}

/** What a message refers to. */
export function Sources({ citations }: { citations: readonly Part[] }) {
  const lines = sourceLines(citations);
  if (lines.length === 0) return null;
  return (
    <div className={classes.afterText}>
      <Folded icon={IconWorld} title={lines.length === 1 ? "1 source" : `${lines.length} sources`}>
        <ol className={classes.sources}>
          {lines.map(({ key, url, title, text }) => (
            <li key={key}>
              <SafeLink address={url}>{title}</SafeLink>
              {safeLink(url) && <span className={classes.detail}> {hostOf(url)}</span>}
              {text && <blockquote>{text}</blockquote>}
            </li>
          ))}
        </ol>
      </Folded>
    </div>
  );
}
