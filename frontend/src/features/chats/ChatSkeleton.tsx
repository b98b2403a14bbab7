import { Skeleton } from "@mantine/core";
import classes from "./ChatPage.module.css";

/** The shape of a chat while its first messages are on their way. */
export function ChatSkeleton() {
  return (
    <div className={classes.skeleton} role="status" aria-label="Opening the chat">
      {[92, 78, 85].map((width) => (
        <div key={width}>
          <Skeleton h={20} w={160} mb="md" />
          <Skeleton h={12} mb="sm" />
          <Skeleton h={12} w={`${width}%`} mb="sm" />
          <Skeleton h={12} w={`${width - 25}%`} />
        </div>
      ))}
    </div>
  );
}
