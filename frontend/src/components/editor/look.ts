import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const MONOSPACE = "var(--mantine-font-family-monospace)";

/** The same letters as the rendered message, so that editing begins without a jump. */
const typography = EditorView.theme({
  "&": { fontSize: "1rem", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  // No contextual forms: "->" must look like what is typed.
  ".cm-scroller": {
    fontFamily: "inherit",
    fontFeatureSettings: '"calt" 0',
    lineHeight: "1.65",
    overflow: "visible",
  },
  ".cm-content": { padding: "0", caretColor: "var(--cs-accent)", color: "var(--cs-ink)" },
  ".cm-line": { padding: "0" },
  ".cm-placeholder": { color: "var(--cs-ink-3)" },
});

const marks = HighlightStyle.define([
  { tag: tags.heading1, fontWeight: "640", fontSize: "1.25em" },
  { tag: tags.heading2, fontWeight: "640", fontSize: "1.12em" },
  { tag: tags.heading, fontWeight: "640" },
  { tag: tags.strong, fontWeight: "640" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strikethrough, textDecoration: "line-through" },
  { tag: tags.monospace, fontFamily: MONOSPACE, fontSize: "0.875em" },
  { tag: [tags.link, tags.url], color: "var(--cs-accent)" },
  { tag: tags.quote, color: "var(--cs-ink-2)" },
  { tag: [tags.processingInstruction, tags.labelName, tags.contentSeparator], color: "var(--cs-ink-3)" },
  { tag: [tags.keyword, tags.bool, tags.null], color: "var(--cs-syntax-keyword)" },
  { tag: [tags.string, tags.regexp], color: "var(--cs-syntax-string)" },
  { tag: tags.number, color: "var(--cs-syntax-number)" },
  { tag: tags.comment, color: "var(--cs-syntax-comment)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.className, tags.propertyName], color: "var(--cs-syntax-type)" },
  {
    tag: [tags.function(tags.variableName), tags.definition(tags.variableName)],
    color: "var(--cs-syntax-title)",
  },
]);

export const look: Extension = [typography, syntaxHighlighting(marks)];
