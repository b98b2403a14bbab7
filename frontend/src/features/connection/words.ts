import type { ConnectionStatus, SaveState } from "./connectionSlice";

export type Tone = "good" | "busy" | "away";

export interface StatusWords {
  tone: Tone;
  words: string;
  detail: string;
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}

function keptWords(kept: number, durability: "device" | "memory"): string {
  if (kept === 0) return "Offline";
  return durability === "device"
    ? `Offline · ${kept} kept on this device`
    : `Offline · ${kept} not saved yet`;
}

function keptDetail(kept: number, durability: "device" | "memory"): string {
  if (kept === 0) return "You can go on reading and writing. Changes are sent when the connection is back.";
  if (durability === "memory") {
    return `${changes(kept)} wait in this tab only, because this window may not store anything. Keep it open.`;
  }
  return `${changes(kept)} are kept on this device and sent when the connection is back.`;
}

/** The state of the connection as one says it to a person. */
export function statusWords(
  status: ConnectionStatus,
  kept: number,
  durability: "device" | "memory",
): StatusWords {
  switch (status.kind) {
    case "live":
      return kept === 0
        ? { tone: "good", words: "Live", detail: "Everything is saved. You see changes as they are made." }
        : { tone: "good", words: "Live · sending", detail: `${changes(kept)} on the way to the server.` };
    case "connecting":
      return { tone: "busy", words: "Connecting…", detail: "Looking for the server." };
    case "catching_up":
      return { tone: "busy", words: "Catching up…", detail: "Fetching what happened meanwhile." };
    case "offline":
      return { tone: "away", words: keptWords(kept, durability), detail: keptDetail(kept, durability) };
    case "signed_out":
      return { tone: "away", words: "Signed out", detail: status.reason };
  }
}

/** The state of a text as one says it to a person. */
export function saveWords(state: SaveState): string {
  switch (state) {
    case "saved":
      return "Saved";
    case "sending":
      return "Sending…";
    case "kept":
      return "Kept on this device";
    case "refused":
      return "Not accepted";
  }
}
