/** Turns the Markdown that chat platforms write into the Markdown that the renderer reads. Pure text to text. */

// Fenced code (an unclosed fence runs to the end), then inline code.
const CODE =
  /^[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t]*\1[`~]*[ \t]*$|(?![\s\S]))|(`+)(?!`)[\s\S]*?[^`]\2(?!`)/gm;
// ChatGPT's citation marks: private-use runs, closed or cut off, and 【1†source】.
const PRIVATE_RUN = /\ue200[^\ue200\ue201\n]{0,400}\ue201|[\ue200-\ue206]/g;
const BRACKET_MARK = /[ \t]?【[^【】\n]{0,200}†[^【】\n]{0,200}】/g;
const DISPLAY_BLOCK = /^([ \t]*)\\\[[ \t]*\n?([\s\S]*?)\n?[ \t]*\\\][ \t]*$/gm;
const DISPLAY_LINE = /^([ \t]*)\$\$([^\n$]+)\$\$[ \t]*$/gm;
const DISPLAY_INLINE = /\\\[([^\n]*?)\\\]/g;
const INLINE_PARENTHESES = /\\\(([^\n]*?)\\\)/g;
// Pandoc's rule: no space inside the dollars and no digit behind them, so that "$5 and $10" stays money.
const INLINE_DOLLAR = /(?<![\\$\w])\$(?![\s$])((?:[^$\n\\]|\\.)*?)(?<![\s\\])\$(?![\d$])/g;

function outsideCode(text: string, change: (prose: string) => string): string {
  let result = "";
  let from = 0;
  for (const code of text.matchAll(CODE)) {
    result += change(text.slice(from, code.index)) + code[0];
    from = code.index + code[0].length;
  }
  return result + change(text.slice(from));
}

/** Removes citation marks that mean nothing without the platform's own page. */
export function stripCitationMarks(text: string): string {
  return text.replace(PRIVATE_RUN, "").replace(BRACKET_MARK, "");
}

function displayMaths(_: string, indent: string, body: string): string {
  const lines = body.split("\n").map((line) => indent + line.trim());
  return `${indent}$$\n${lines.join("\n")}\n${indent}$$`;
}

/** Writes every spelling of maths as `$$…$$`, the one that cannot be mistaken for money. */
function normaliseMaths(text: string): string {
  return text
    .replace(DISPLAY_BLOCK, displayMaths)
    .replace(DISPLAY_LINE, displayMaths)
    .replace(DISPLAY_INLINE, (_, body: string) => `$$${body}$$`)
    .replace(INLINE_PARENTHESES, (_, body: string) => `$$${body.trim()}$$`)
    .replace(INLINE_DOLLAR, (_, body: string) => `$$${body}$$`);
}

/** The text as the Markdown renderer should get it: citation marks gone, maths in one spelling, code untouched. */
export function prepareMarkdown(text: string): string {
  return outsideCode(text, (prose) => normaliseMaths(stripCitationMarks(prose)));
}

/** True when the prepared text holds maths, so that the maths renderer is worth loading. */
export function hasMaths(prepared: string): boolean {
  return prepared.includes("$$");
}

/** True when the text holds a code block, so that the highlighter is worth loading. */
export function hasCodeBlock(text: string): boolean {
  return /^[ \t>]*(```|~~~)/m.test(text);
}
