import "katex/dist/katex.min.css";
import rehypeKatex from "rehype-katex";
import remarkMath from "remark-math";

/** Maths is written by anyone: no commands that load or link, and bounded sizes and macros. */
const KATEX_OPTIONS = {
  trust: false,
  maxSize: 20,
  maxExpand: 200,
  strict: "ignore" as const,
  errorColor: "currentColor",
};

export const remarkPlugins = [[remarkMath, { singleDollarTextMath: false }]] as const;
export const rehypePlugins = [[rehypeKatex, KATEX_OPTIONS]] as const;
