import {
  IconAlertTriangle,
  IconBrain,
  IconChecklist,
  IconCode,
  IconFile,
  IconFileCode,
  IconMicrophone,
  IconQuestionMark,
  IconTool,
} from "@tabler/icons-react";
import type { Part } from "../../../api/wire";
import { CodeBlock } from "../../../components/markdown/CodeBlock";
import { MarkdownText } from "../../../components/markdown/MarkdownText";
import { RemoteImage } from "../../../components/markdown/RemoteImage";
import { sizeWords } from "../../../components/sizeWords";
import { Folded } from "./Folded";
import classes from "./Parts.module.css";
import { wordsOfCall, wordsOfResult } from "./toolWords";

interface PartViewProps {
  part: Part;
  idPrefix: string;
}

/** Anything in a message that is not its text; what is long or technical is folded. */
export function PartView({ part, idPrefix }: PartViewProps) {
  switch (part.type) {
    case "thinking":
      return (
        <Folded icon={IconBrain} title={part.summary || part.title || "Thinking"}>
          <div className={classes.thinking}>
            <MarkdownText text={part.text ?? ""} idPrefix={idPrefix} />
          </div>
        </Folded>
      );
    case "tool_call":
      return (
        <Folded icon={IconTool} {...wordsOfCall(part)}>
          <Source text={part.text} language={part.language} />
        </Folded>
      );
    case "tool_result":
      return (
        <Folded
          icon={part.isError ? IconAlertTriangle : IconChecklist}
          {...wordsOfResult(part)}
          isError={part.isError ?? false}
        >
          <Source text={part.text} language={part.language} />
        </Folded>
      );
    case "artifact":
      return (
        <Folded icon={IconFileCode} title={nameOf(part, "Document")} detail={part.kind ?? "source"}>
          <Document part={part} idPrefix={idPrefix} />
        </Folded>
      );
    case "code":
      return (
        <Folded icon={IconCode} title={nameOf(part, "Code")} detail={part.language} isOpen>
          <Source text={part.text} language={part.language} />
        </Folded>
      );
    case "image":
      return <Picture part={part} />;
    case "file":
      return <FileLine part={part} />;
    case "audio":
      return (
        <Folded icon={IconMicrophone} title={nameOf(part, "Voice")} isOpen>
          <p className={classes.transcript}>{part.text || "Not included in the export."}</p>
        </Folded>
      );
    case "error":
      return (
        <p className={classes.error}>
          <IconAlertTriangle size={16} aria-hidden />
          <span>{[part.name ?? part.title, part.text].filter(Boolean).join(": ") || "An error"}</span>
        </p>
      );
    case "badge":
      return <span className={classes.badge}>{part.text || part.title || part.summary}</span>;
    case "citation":
      return null; // shown together at the end, see Sources
    case "unknown":
      return (
        <Folded
          icon={IconQuestionMark}
          title={`Content of the kind “${part.kind ?? part.name ?? "unknown"}”`}
        >
          <Source text={part.text ?? JSON.stringify(part.json, null, 2)} language="json" />
        </Folded>
      );
  }
}

function nameOf(part: Part, otherwise: string): string {
  return part.title || part.name || otherwise;
}

function Source({
  text,
  language,
}: {
  text?: string | null | undefined;
  language?: string | null | undefined;
}) {
  return (
    <CodeBlock>
      <code className={language ? `language-${language}` : ""}>{text || "(empty)"}</code>
    </CodeBlock>
  );
}

/** A document that was written beside the chat. */
function Document({ part, idPrefix }: PartViewProps) {
  const kind = part.kind ?? "";
  if (/^(document|text\/markdown)$/.test(kind))
    return <MarkdownText text={part.text ?? ""} idPrefix={idPrefix} />;
  return <Source text={part.text} language={part.language ?? kind.match(/^code\/(\w+)$/)?.[1]} />;
}

function Picture({ part }: { part: Part }) {
  return (
    <figure className={classes.picture}>
      <RemoteImage address={part.url ?? ""} alt={part.alt || part.title || part.name || "Picture"} />
      {part.text && <figcaption>{part.text}</figcaption>}
    </figure>
  );
}

function FileLine({ part }: { part: Part }) {
  const detail = [part.mimeType, part.size ? sizeWords(part.size) : null].filter(Boolean).join(" · ");
  const line = (
    <>
      <IconFile size={16} aria-hidden />
      <span className={classes.fileName}>{nameOf(part, "File")}</span>
      {detail && <span className={classes.detail}>{detail}</span>}
    </>
  );
  if (!part.text) return <p className={classes.file}>{line}</p>;
  return (
    <Folded icon={IconFile} title={nameOf(part, "File")} detail={detail}>
      <Source text={part.text} language={part.language} />
    </Folded>
  );
}
