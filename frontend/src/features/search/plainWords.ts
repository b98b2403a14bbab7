/** A piece of Markdown as plain words, for where there is no room to show it formatted. It may be cut off anywhere. */

const FENCE = /```[\w+-]*/g;
const TABLE_RULE = /\|?(?:[ \t]*(?::-+:?|-+:|-{3,})[ \t]*\|)+(?:[ \t]*(?::-+:?|-+:|-{3,})[ \t]*)?/g;
const LINE_START = /^[ \t]{0,3}(?:(?:#{1,6}|>|[-*+]|\d{1,9}[.)])[ \t]+)+/gm;
const LINK = /!?\[([^\]\n]{0,300})\]\([^)\n]{0,300}\)/g;
const CUT_LINK = /!?\[([^\]\n]{0,300})(?:\]\([^)\n]{0,300})?$/;
const STRONG = /\*\*(?=\S)|(?<=\S)\*\*|~~(?=\S)|(?<=\S)~~/g;
const EMPHASIS = /(?<![\w*])\*(?=[\p{L}\ue000])|(?<=[\p{L}.,!?\ue001])\*(?![\w*])/gu;
const TICKS_AND_MATHS = /`|\$\$/g;
const CELL_EDGE = /[ \t]*\|[ \t]*/g;
const SPACE = /\s+/g;

export function plainWords(markdown: string): string {
  return markdown
    .replace(FENCE, " ")
    .replace(TABLE_RULE, " ")
    .replace(LINE_START, "")
    .replace(LINK, "$1")
    .replace(CUT_LINK, "$1")
    .replace(STRONG, "")
    .replace(EMPHASIS, "")
    .replace(TICKS_AND_MATHS, "")
    .replace(CELL_EDGE, " ")
    .replace(SPACE, " ");
}
