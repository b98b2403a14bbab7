/** Requests to the server, whose errors are sentences that a person can read. */

/** What the server refused, as RFC 9457 problem+json says it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
  ) {
    super(sentence);
    this.name = "Problem";
  }
}

/** No answer came: no network, or the server is not there. */
export class Unreachable extends Error {
  constructor() {
    super("The server cannot be reached just now. Please check your connection and try again.");
    this.name = "Unreachable";
  }
}

export const isProblem = (error: unknown): error is Problem => error instanceof Problem;

/** The server could not answer just now, or was asked too often. */
export const isPassing = (error: unknown): boolean =>
  isProblem(error) && (error.status >= 500 || error.status === 429);

const TRY_AGAIN_MS = 2_000;
/** Not all at once. */
export const tryAgainMs = (): number => TRY_AGAIN_MS * (1 + Math.random());

/** A sentence for a person, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Problem || error instanceof Unreachable) return error.message;
  return "Something went wrong in this page. Please reload it and try again.";
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface RequestOptions {
  query?: Record<string, string | number | null | undefined>;
  json?: unknown;
  form?: FormData;
  signal?: AbortSignal;
}

/** The answer's JSON, or undefined when it has none; throws `Problem` or `Unreachable` (or AbortError). */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await answerTo(method, path, options);
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function answerTo(method: Method, path: string, options: RequestOptions): Promise<Response> {
  try {
    return await fetch(path + queryOf(options.query), {
      method,
      credentials: "same-origin",
      headers: options.json === undefined ? {} : { "Content-Type": "application/json" },
      body: options.form ?? (options.json === undefined ? null : JSON.stringify(options.json)),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable();
  }
}

function queryOf(query: RequestOptions["query"] = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) given.set(name, String(value));
  }
  const text = given.toString();
  return text ? `?${text}` : "";
}

const SENTENCES: Record<number, string> = {
  401: "Please sign in first.",
  403: "You may not do this.",
  404: "This is not here, or not shared with you.",
  413: "This is too large for the server.",
  429: "That was too often. Please wait a moment and try again.",
};

async function problemOf(response: Response): Promise<Problem> {
  return problemFrom(response.status, await response.json().catch(() => null));
}

/** The problem that an answer with this status and this JSON (or null) tells of. */
export function problemFrom(status: number, body: unknown): Problem {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const said = [fields.detail, fields.title].find((each) => typeof each === "string" && each !== "");
  const code = typeof fields.code === "string" ? fields.code : "unavailable";
  const fallback = SENTENCES[status] ?? "The server could not do this just now. Please try again.";
  return new Problem(status, code, typeof said === "string" ? said : fallback);
}
