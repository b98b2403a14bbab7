/** Drives a session over a real WebSocket and real time. */
import type { Position, PushedFrame } from "../api/wire";
import { parseFrame } from "./frames";
import { type Effect, newSession, nextTickMs, type Session, type SessionEvent, step } from "./session";
import { isCurrent, isSubscribed, type SocketStatus, statusOf } from "./sessionStatus";

export interface SocketHandlers {
  /** Entries in order and without gaps, answers, pushes. */
  deliver(frame: PushedFrame): void;
  lost(channel: string): void;
  caughtUp(channel: string): void;
  status(status: SocketStatus): void;
  /** A connection ended before its welcome, without a code that says why: perhaps the person is signed out. */
  refused(): void;
  /** The server wants this client to stay away. */
  away(code: number): void;
}

export class LiveSocket {
  private session: Session = newSession();
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly away = new AbortController();
  private lastStatus = "";

  constructor(
    private readonly url: string,
    private readonly handlers: SocketHandlers,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    const { signal } = this.away;
    const wake = () => this.happened({ type: "wake" });
    for (const name of ["online", "offline", "pageshow", "focus"])
      window.addEventListener(name, wake, { signal });
    const visible = () => document.visibilityState === "visible" && wake();
    document.addEventListener("visibilitychange", visible, { signal });
    document.addEventListener("resume", wake, { signal });
    this.happened({ type: "start" });
  }

  stop(): void {
    this.away.abort();
    this.happened({ type: "stop" });
  }

  follow(position: Position): void {
    this.happened({ type: "follow", position });
  }

  leave(channel: string): void {
    this.happened({ type: "leave", channel });
  }

  /** False when there is no connection to send on: whoever needs the frame sent keeps it. */
  send(frame: object): boolean {
    if (this.session.link.kind !== "live") return false;
    this.write(frame);
    return true;
  }

  get isLive(): boolean {
    return this.session.link.kind === "live";
  }

  get sessionId(): string | null {
    return this.session.link.kind === "live" ? this.session.link.session : null;
  }

  /** Up to where this tab has the channel; null when it does not follow it, or must begin again from a snapshot. */
  offsetOf(channel: string): number | null {
    const known = this.session.channels[channel];
    return known && known.phase !== "lost" ? known.position.offset : null;
  }

  /** True when this tab has all of the channel, on a connection that stands. */
  isCurrent(channel: string): boolean {
    return isCurrent(this.session, channel);
  }

  isSubscribed(channel: string): boolean {
    return isSubscribed(this.session, channel);
  }

  private happened(event: SessionEvent): void {
    const before = this.session.link.kind;
    const { session, effects } = step(this.session, event, { nowMs: Date.now(), random: this.random() });
    this.session = session;
    for (const effect of effects) this.carryOut(effect);
    this.setTimer();
    this.tellStatus();
    this.tellEnd(before);
  }

  private tellEnd(before: Session["link"]["kind"]): void {
    const { link } = this.session;
    if (link.kind === before) return;
    if (link.kind === "away") this.handlers.away(link.code);
    const wasOpening = before === "connecting" || before === "greeting";
    if (wasOpening && link.kind === "waiting") this.handlers.refused();
  }

  private carryOut(effect: Effect): void {
    switch (effect.type) {
      case "open":
        this.open();
        break;
      case "close":
        this.drop();
        break;
      case "send":
        this.write(effect.frame);
        break;
      case "deliver":
        this.handlers.deliver(effect.frame);
        break;
      case "lost":
        this.handlers.lost(effect.channel);
        break;
      case "caught_up":
        this.handlers.caughtUp(effect.channel);
        break;
    }
  }

  private open(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    const isOurs = () => this.socket === socket;
    socket.onopen = () => isOurs() && this.happened({ type: "opened" });
    socket.onmessage = ({ data }) => {
      const frame = isOurs() ? parseFrame(data) : null;
      if (frame) this.happened({ type: "frame", frame });
    };
    socket.onclose = ({ code, reason }) => {
      if (!isOurs()) return;
      this.socket = null;
      this.happened({ type: "closed", code, reason });
    };
  }

  /** Lets go at once: `onclose` of a dead connection can take minutes. */
  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private write(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private setTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    const atMs = nextTickMs(this.session);
    this.timer =
      atMs === null
        ? null
        : setTimeout(() => this.happened({ type: "tick" }), Math.max(0, atMs - Date.now()));
  }

  private tellStatus(): void {
    if (this.session.link.kind === "idle") return; // stopped: what it said last stands
    const status = statusOf(this.session);
    const text = JSON.stringify(status);
    if (text === this.lastStatus) return;
    this.lastStatus = text;
    this.handlers.status(status);
  }
}

/** Where a person's live connection is, seen from this page. */
export function socketUrl(userId: number, from: Location = location): string {
  return `${from.protocol === "https:" ? "wss" : "ws"}://${from.host}/ws/${userId}`;
}
