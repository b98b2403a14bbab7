import type { Position } from "../api/wire";
import type { LiveSocket } from "./socket";

/** The connection as the rest of the page sees it, also before there is a socket and after. */
export class Line {
  private socket: LiveSocket | null = null;
  private readonly wanted = new Map<string, Position>();

  attach(socket: LiveSocket): void {
    this.socket = socket;
    for (const position of this.wanted.values()) socket.follow(position);
    this.wanted.clear();
  }

  detach(): void {
    this.socket = null;
  }

  /** False when there is no connection: the frame is not kept here. */
  send(frame: object): boolean {
    return this.socket?.send(frame) ?? false;
  }

  /** True when all that is known of the channel has come, on a connection that stands. */
  isCurrent(channel: string): boolean {
    return this.socket?.isCurrent(channel) ?? false;
  }

  /** True when presence may be told in the channel. */
  isSubscribed(channel: string): boolean {
    return this.socket?.isSubscribed(channel) ?? false;
  }

  /** Follows a channel from this position on; goes back when it was followed from a later one. */
  follow(position: Position): void {
    if (!this.socket) {
      this.wanted.set(position.channel, position);
      return;
    }
    const stands = this.socket.offsetOf(position.channel);
    if (stands !== null && stands > position.offset) this.socket.leave(position.channel);
    this.socket.follow(position);
  }

  leave(channel: string): void {
    this.wanted.delete(channel);
    this.socket?.leave(channel);
  }
}
