import type { Following, Session } from "./session";

export type SocketStatus =
  | { kind: "live" }
  | { kind: "connecting" }
  | { kind: "catching_up" }
  | { kind: "offline"; retryAtMs: number }
  | { kind: "signed_out"; reason: string };

export function statusOf({ link, channels }: Session): SocketStatus {
  switch (link.kind) {
    case "idle":
    case "connecting":
    case "greeting":
      return { kind: "connecting" };
    case "waiting":
      return { kind: "offline", retryAtMs: link.untilMs };
    case "away":
      return { kind: "signed_out", reason: link.reason || "Please sign in again." };
    case "live": {
      const isCaughtUp = (each: Following) => each.phase === "following" && each.position.offset >= each.head;
      return { kind: Object.values(channels).every(isCaughtUp) ? "live" : "catching_up" };
    }
  }
}

/** True when the server takes this client for a listener of the channel, on a connection that stands. */
export function isSubscribed({ link, channels }: Session, channel: string): boolean {
  return link.kind === "live" && channels[channel]?.phase === "following";
}

/** True when this tab has all of the channel that it knows of, on a connection that stands. */
export function isCurrent({ link, channels }: Session, channel: string): boolean {
  const known = channels[channel];
  return link.kind === "live" && known?.phase === "following" && known.position.offset >= known.head;
}
