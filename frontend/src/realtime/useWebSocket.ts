import { useCallback, useEffect, useRef, useState } from "react";
import type { SocketStatus } from "./sessionStatus";
import { LiveSocket, type SocketHandlers, socketUrl } from "./socket";

export interface LiveConnection {
  /** False when there is no connection just now: the message was not sent, and is not kept. */
  sendMessage(message: object): boolean;
  status: SocketStatus;
}

const CONNECTING: SocketStatus = { kind: "connecting" };

/**
 * One live connection of a person, from mount to unmount, that comes back by itself. `attach` is given the socket
 * before it opens, and answers who hears what it brings.
 */
export function useWebSocket(
  userId: number,
  attach?: (socket: LiveSocket) => Partial<SocketHandlers>,
): LiveConnection {
  const [status, setStatus] = useState<SocketStatus>(CONNECTING);
  const current = useRef<LiveSocket | null>(null);
  useEffect(() => {
    let heard: Partial<SocketHandlers> = {};
    const socket = new LiveSocket(socketUrl(userId), {
      deliver: (frame) => heard.deliver?.(frame),
      lost: (channel) => heard.lost?.(channel),
      caughtUp: (channel) => heard.caughtUp?.(channel),
      refused: () => heard.refused?.(),
      away: (code) => heard.away?.(code),
      status: (news) => {
        setStatus(news);
        heard.status?.(news);
      },
    });
    heard = attach?.(socket) ?? {};
    current.current = socket;
    socket.start();
    return () => socket.stop();
  }, [userId, attach]);
  const sendMessage = useCallback((message: object) => current.current?.send(message) ?? false, []);
  return { sendMessage, status };
}
