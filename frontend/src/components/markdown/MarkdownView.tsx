import { memo } from "react";
import Markdown, { type Components, type Options } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "./CodeBlock";
import { Lazy, useLazy } from "./lazy";
import classes from "./Markdown.module.css";
import { hasCodeBlock, hasMaths, prepareMarkdown } from "./prepare";
import { RemoteImage } from "./RemoteImage";
import { RememberedElements } from "./rememberedElements";
import { SafeLink } from "./SafeLink";

type Plugins = NonNullable<Options["remarkPlugins"]>;

const maths = new Lazy(() => import("./maths"));
const highlighting = new Lazy(() => import("./highlighting"));
const remembered = new RememberedElements(4_000_000);
// Highlighting costs more than parsing; beyond this, code is shown in one colour.
const MAX_HIGHLIGHTED_UNITS = 60_000;

const components: Components = {
  a: ({ href, title, children }) => (
    <SafeLink address={href ?? ""} title={title}>
      {children}
    </SafeLink>
  ),
  img: ({ src, alt, title }) => <RemoteImage address={String(src ?? "")} alt={alt ?? ""} title={title} />,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by arrow keys
    <section className={classes.table} aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </section>
  ),
  input: ({ checked }) => <input type="checkbox" checked={checked ?? false} disabled aria-label="Task" />,
};

export interface MarkdownViewProps {
  text: string;
  /** Keeps footnote anchors of different messages apart. */
  idPrefix: string;
}

function MarkdownViewOf({ text, idPrefix }: MarkdownViewProps) {
  const prepared = prepareMarkdown(text);
  const withMaths = useLazy(maths, hasMaths(prepared));
  const withColours = useLazy(highlighting, hasCodeBlock(text) && text.length <= MAX_HIGHLIGHTED_UNITS);
  const key = [idPrefix, withMaths ? "m" : "", withColours ? "c" : "", prepared].join("\u0000");
  const element = remembered.getOrRender(key, () =>
    // Called as the plain function that it is, so that its result can be kept.
    Markdown({
      children: prepared,
      remarkPlugins: [remarkGfm, ...(withMaths?.remarkPlugins ?? [])] as Plugins,
      rehypePlugins: [...(withMaths?.rehypePlugins ?? []), ...(withColours?.rehypePlugins ?? [])] as Plugins,
      remarkRehypeOptions: { clobberPrefix: `${idPrefix}-` },
      components,
      // Each element checks its own address, see SafeLink and RemoteImage.
      urlTransform: (address) => address,
    }),
  );
  return <div className={classes.body}>{element}</div>;
}

export const MarkdownView = memo(MarkdownViewOf);
