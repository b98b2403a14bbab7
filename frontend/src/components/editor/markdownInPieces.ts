/** Markdown for the editor: it is read a block at a time, and with each key the block around it is read again. */
import { markdown, markdownLanguage } from "@codemirror/lang-markdown";
import type { LanguageSupport } from "@codemirror/language";
import { languages } from "@codemirror/language-data";

/** A longer paragraph is taken for several, so that a key costs the same in the longest text as in a short one. */
export const MOST_UNITS = 8_000;

type MarkdownOptions = NonNullable<Parameters<typeof markdown>[0]>;
type Extensions = NonNullable<MarkdownOptions["extensions"]>;

/** Such texts are no prose; what is lost is the colour of an emphasis that goes on over the seam. */
const inPieces: Extensions = {
  defineNodes: ["LongLine"],
  parseBlock: [
    {
      name: "LongLine",
      before: "IndentedCode",
      parse(context, line) {
        if (line.text.length <= MOST_UNITS) return false;
        const { lineStart } = context;
        context.addElement(context.elt("LongLine", lineStart + line.pos, lineStart + line.text.length));
        context.nextLine();
        return true;
      },
      endLeaf: (_context, line, leaf) => leaf.content.length + line.text.length > MOST_UNITS,
    },
  ],
};

export function markdownInPieces(): LanguageSupport {
  return markdown({ base: markdownLanguage, codeLanguages: languages, extensions: inPieces });
}
