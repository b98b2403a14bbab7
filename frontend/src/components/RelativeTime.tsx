import { fullTime, shortTime } from "./time";
import { useNow } from "./useNow";

/** A moment in few letters, and in full for the pointer and for machines. */
export function RelativeTime({ atMs, className }: { atMs: number; className?: string | undefined }) {
  const nowMs = useNow();
  return (
    <time className={className} dateTime={new Date(atMs).toISOString()} title={fullTime(atMs)}>
      {shortTime(atMs, nowMs)}
    </time>
  );
}
