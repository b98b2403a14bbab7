import type { Part } from "../../../api/wire";

export interface ToolWords {
  title: string;
  /** What was asked of the tool, in a line. */
  detail: string | null;
}

interface Tool {
  names: RegExp;
  did: string;
  result: string;
}

const TOOLS: readonly Tool[] = [
  { names: /^(python|code_interpreter|repl|analysis)$/, did: "Ran code", result: "Output" },
  { names: /^(bash|bash_tool|container\.exec)$/, did: "Ran a command", result: "Output" },
  {
    names: /^(web|web\.run|web\.search|web_search|browser)$/,
    did: "Searched the web",
    result: "Found",
  },
  { names: /^(web_fetch|web\.open_url)$/, did: "Opened a page", result: "The page" },
  { names: /^(file_search|myfiles_browser)/, did: "Searched the files", result: "Found in the files" },
  {
    names: /^(dalle|image_gen|t2uay3k)/,
    did: "Asked for a picture",
    result: "Answer of the picture maker",
  },
  { names: /^canmore\.comment/, did: "Commented on the document", result: "Document commented on" },
  { names: /^canmore\./, did: "Changed the document", result: "Document saved" },
  { names: /^bio$/, did: "Noted about you", result: "Note saved" },
];
const QUERY_KEYS = ["q", "query", "queries", "search_query", "image_query", "prompt", "url", "title"];
const LONGEST_DETAIL = 120;
/** Parsing what is longer would be felt. */
const LONGEST_PARSED = 20_000;

export function wordsOfCall(part: Part): ToolWords {
  const name = part.title || part.name || "a tool";
  const tool = toolNamed(name);
  return { title: tool?.did ?? `Used ${name}`, detail: tool ? detailOf(part.text ?? "") : null };
}

export function wordsOfResult(part: Part): ToolWords {
  const name = part.title || part.name || "a tool";
  if (part.isError) return { title: `Error of ${name}`, detail: null };
  return { title: toolNamed(name)?.result ?? `Result of ${name}`, detail: null };
}

function toolNamed(name: string): Tool | undefined {
  return TOOLS.find(({ names }) => names.test(name));
}

/** The query or prompt of a call that is JSON, and the beginning of any other. */
function detailOf(written: string): string | null {
  const asked = written.length <= LONGEST_PARSED ? askedIn(written) : null;
  const line = (asked ?? firstLine(written)).trim();
  if (line === "" || line.startsWith("{") || line.startsWith("[")) return null;
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL - 1)}…` : line;
}

function firstLine(written: string): string {
  return written.trimStart().split("\n", 1)[0] ?? "";
}

function askedIn(written: string): string | null {
  try {
    return wordsIn(JSON.parse(written) as unknown);
  } catch {
    return null;
  }
}

function wordsIn(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(wordsIn).filter(Boolean).join(" · ") || null;
  if (typeof value !== "object" || value === null) return null;
  const members = value as Record<string, unknown>;
  const key = QUERY_KEYS.find((each) => members[each]);
  return key === undefined ? null : wordsIn(members[key]);
}
