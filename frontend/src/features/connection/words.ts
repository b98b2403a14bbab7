import type { ConnectionStatus, SaveState } from "./connectionSlice";

export type Tone = "good" | "busy" | "away";

export interface StatusWords {
  tone: Tone;
  words: string;
  detail: string;
}

/** What the server has not acknowledged, and how much of that is on this device. */
export interface Waiting {
  count: number;
  kept: number;
  durability: "device" | "memory";
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}

function offlineWords({ count, kept, durability }: Waiting): string {
  if (count === 0) return "Offline";
  if (kept === count) return `Offline · ${count} kept on this device`;
  return durability === "memory" ? `Offline · ${count - kept} only in this tab` : "Offline · keeping…";
}

function offlineDetail(waiting: Waiting): string {
  const { count, kept, durability } = waiting;
  if (durability === "memory") return memoryWords(waiting);
  if (count === 0) return "You can go on reading and writing. Changes are sent when the connection is back.";
  if (kept < count) return `Writing ${changes(count - kept)} to this device.`;
  const [are, them] = count === 1 ? ["is", "it is"] : ["are", "they are"];
  return `${changes(count)} ${are} kept on this device; ${them} sent when the connection is back.`;
}

/** For a person whose browser does not take what the page wants to keep. */
export function memoryWords({ count, kept }: Waiting): string {
  const here =
    "This browser stores nothing for this page now: its storage is full, or this is a private window.";
  if (count === kept) return `${here} What you type is safe once it is saved.`;
  const [are, it] = count - kept === 1 ? ["is", "it is"] : ["are", "they are"];
  return `${here} ${changes(count - kept)} ${are} in this tab only. Keep it open until ${it} saved.`;
}

/** The state of the connection as one says it to a person. */
export function statusWords(status: ConnectionStatus, waiting: Waiting): StatusWords {
  const { count } = waiting;
  switch (status.kind) {
    case "live":
      return count === 0
        ? { tone: "good", words: "Live", detail: "Everything is saved. You see changes as they are made." }
        : { tone: "good", words: "Live · sending", detail: `${changes(count)} on the way to the server.` };
    case "connecting":
      return { tone: "busy", words: "Connecting…", detail: "Looking for the server." };
    case "catching_up":
      return { tone: "busy", words: "Catching up…", detail: "Fetching what happened meanwhile." };
    case "offline":
      return { tone: "away", words: offlineWords(waiting), detail: offlineDetail(waiting) };
    case "signed_out":
      return { tone: "away", words: "Signed out", detail: status.reason };
  }
}

/** After a sign-out: what becomes of what the server does not have. */
export function signedOutWords({ count, kept }: Waiting): string {
  if (count === 0) return "";
  if (kept === count) return "What you typed is kept on this device for your next sign-in.";
  return "What you typed last is in this tab only: copy it before you close the tab.";
}

/** The state of a text as one says it to a person. */
export function saveWords(state: SaveState): string {
  switch (state) {
    case "saved":
      return "Saved";
    case "sending":
      return "Sending…";
    case "keeping":
      return "Keeping…";
    case "kept":
      return "Kept on this device";
    case "unkept":
      return "Only in this tab";
    case "refused":
      return "Not accepted";
  }
}
