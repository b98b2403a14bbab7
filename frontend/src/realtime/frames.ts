import type { LogEntry, PushedFrame } from "../api/wire";

/** A frame of the server, or null when it is none. Its shape is the server's word; an unknown type is let through. */
export function parseFrame(text: unknown): PushedFrame | null {
  if (typeof text !== "string") return null;
  try {
    const frame: unknown = JSON.parse(text);
    const isFrame =
      typeof frame === "object" && frame !== null && "type" in frame && typeof frame.type === "string";
    return isFrame ? (frame as PushedFrame) : null;
  } catch {
    return null;
  }
}

/** True for an entry of a channel's log: it says where it stands and when it was made. */
export function isEntry(frame: PushedFrame): frame is LogEntry {
  return "channel" in frame && "offset" in frame && "at" in frame && "by" in frame;
}
