import { Button } from "@mantine/core";
import { Component, lazy, type ReactNode, Suspense, useState } from "react";
import { patiently } from "../patientImport";
import classes from "./Markdown.module.css";

const load = () => import("./MarkdownView");
const MarkdownView = lazy(async () => ({ default: (await patiently(load)).MarkdownView }));
// Longer texts would freeze the page while they are parsed, so the reader decides.
const MAX_FORMATTED_UNITS = 150_000;

/** Starts to fetch the renderer before it is needed. */
export function preloadMarkdown(): void {
  load().catch(() => undefined);
}

/** A text as it is, in the letters of the rendered one. */
export function PlainText({ text }: { text: string }) {
  return <div className={classes.plain}>{text}</div>;
}

interface Outcome {
  text: string;
  failed: boolean;
}

/** Shows the text as it is when it cannot be rendered, such as with ten thousand nested quotes. */
class PlainOnFailure extends Component<{ text: string; children: ReactNode }, Outcome> {
  override state: Outcome = { text: this.props.text, failed: false };

  static getDerivedStateFromError(): Partial<Outcome> {
    return { failed: true };
  }

  static getDerivedStateFromProps(props: { text: string }, state: Outcome): Outcome | null {
    return props.text === state.text ? null : { text: props.text, failed: false };
  }

  override render(): ReactNode {
    return this.state.failed ? <PlainText text={this.props.text} /> : this.props.children;
  }
}

/** A person's or an assistant's text as Markdown: raw HTML stays text, links and pictures are vetted. */
export function MarkdownText({ text, idPrefix }: { text: string; idPrefix: string }) {
  const [formatAnyway, setFormatAnyway] = useState(false);
  if (text.length > MAX_FORMATTED_UNITS && !formatAnyway) {
    return (
      <>
        <PlainText text={text} />
        <Button variant="default" size="compact-sm" mt="xs" onClick={() => setFormatAnyway(true)}>
          Very long text, shown plain. Format it
        </Button>
      </>
    );
  }
  return (
    <PlainOnFailure text={text}>
      <Suspense fallback={<PlainText text={text} />}>
        <MarkdownView text={text} idPrefix={idPrefix} />
      </Suspense>
    </PlainOnFailure>
  );
}
