import { useCallback } from "react";
import { useAppDispatch } from "../../app/hooks";
import { useLive } from "../live/LiveContext";
import { loadMoreNotifications } from "./notificationsSlice";

export interface NotificationActions {
  /** Marks every notification up to this one as read, on all devices. */
  markRead(upTo: number): void;
  loadMore(): void;
}

export function useNotificationActions(): NotificationActions {
  const live = useLive();
  const dispatch = useAppDispatch();
  const markRead = useCallback(
    (upTo: number) => void live.command({ type: "notifications_read", upTo }),
    [live],
  );
  const loadMore = useCallback(() => void dispatch(loadMoreNotifications()), [dispatch]);
  return { markRead, loadMore };
}
