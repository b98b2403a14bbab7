import { memo } from "react";
import { fullTime, shortTime } from "./time";
import { useNow } from "./useNow";

interface RelativeTimeProps {
  atMs: number;
  className?: string | undefined;
}

/** A moment in few letters, and in full for the pointer and for machines. */
export const RelativeTime = memo(function RelativeTime({ atMs, className }: RelativeTimeProps) {
  const nowMs = useNow();
  return (
    <time className={className} dateTime={new Date(atMs).toISOString()} title={fullTime(atMs)}>
      {shortTime(atMs, nowMs)}
    </time>
  );
});
