import rehypeHighlight from "rehype-highlight";

export const rehypePlugins = [rehypeHighlight] as const;
