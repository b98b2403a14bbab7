import { Children, isValidElement, type ReactElement, type ReactNode, useRef } from "react";
import { CopyAction } from "../CopyAction";
import classes from "./Markdown.module.css";

function languageOf(children: ReactNode): string {
  const code = Children.toArray(children).find((child): child is ReactElement<{ className?: string }> =>
    isValidElement(child),
  );
  return /language-([\w+#.-]+)/.exec(code?.props.className ?? "")?.[1] ?? "";
}

/** A block of code with its language and a button that copies it. */
export function CodeBlock({ children }: { children: ReactNode }) {
  const block = useRef<HTMLPreElement>(null);
  const language = languageOf(children);
  return (
    <div className={classes.code}>
      <div className={classes.codeBar}>
        <span>{language || "code"}</span>
        <CopyAction label="Copy code" text={() => block.current?.textContent ?? ""} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll by arrow keys */}
      <pre ref={block} tabIndex={0}>
        {children}
      </pre>
    </div>
  );
}
