import { ActionIcon, Button, Indicator, Popover, Tooltip, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBell } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Notification } from "../../api/wire";
import { useAppSelector } from "../../app/hooks";
import { RelativeTime } from "../../components/RelativeTime";
import classes from "./Notifications.module.css";
import { selectHasMoreNotifications, selectNotifications, selectUnread } from "./notificationsSlice";
import { useNotificationActions } from "./useNotifications";

/** How many there are to read, and the list of them. */
export function NotificationBell() {
  const unread = useAppSelector(selectUnread);
  const [opened, panel] = useDisclosure(false);
  const label = unread === 0 ? "Notifications" : `Notifications, ${unread} unread`;
  return (
    <Popover
      opened={opened}
      onChange={panel.toggle}
      position="bottom-start"
      width={340}
      shadow="md"
      trapFocus
    >
      <Popover.Target>
        <Tooltip label={label} disabled={opened}>
          <Indicator
            label={unread > 99 ? "99+" : unread}
            disabled={unread === 0}
            size={15}
            offset={6}
            classNames={{ indicator: classes.count }}
          >
            <ActionIcon size="lg" aria-label={label} data-testid="notification-bell" onClick={panel.toggle}>
              <IconBell size={18} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Notifications">
        <NotificationList onClose={panel.close} />
      </Popover.Dropdown>
    </Popover>
  );
}

function NotificationList({ onClose }: { onClose: () => void }) {
  const list = useAppSelector(selectNotifications);
  const unread = useAppSelector(selectUnread);
  const hasMore = useAppSelector(selectHasMoreNotifications);
  const { markRead, loadMore } = useNotificationActions();
  const newest = Math.max(0, ...list.map((each) => each.id));
  return (
    <section aria-label="Notifications">
      <header className={classes.header}>
        <h2>Notifications</h2>
        {unread > 0 && (
          <Button variant="subtle" size="compact-xs" onClick={() => markRead(newest)}>
            Mark all as read
          </Button>
        )}
      </header>
      {list.length === 0 ? (
        <p className={classes.none}>
          Nothing yet. You hear here when a chat is shared with you or an import is done.
        </p>
      ) : (
        <ul className={classes.list}>
          {list.map((each) => (
            <li key={each.id} data-unread={each.readAt === null || undefined}>
              <Item notification={each} onOpen={onClose} />
            </li>
          ))}
        </ul>
      )}
      {hasMore && list.length > 0 && (
        <Button variant="subtle" size="compact-sm" fullWidth onClick={loadMore}>
          Show older
        </Button>
      )}
    </section>
  );
}

function Item({ notification, onOpen }: { notification: Notification; onOpen: () => void }) {
  const { message, link, createdAt, level, readAt } = notification;
  const inside = (
    <>
      <span className={classes.mark} data-level={level} aria-hidden />
      <span className={classes.message}>
        {message}
        {readAt === null && <VisuallyHidden> (unread)</VisuallyHidden>}
      </span>
      {createdAt > 0 && <RelativeTime className={classes.time} atMs={createdAt} />}
    </>
  );
  return link ? (
    <Link className={classes.item} to={link} onClick={onOpen}>
      {inside}
    </Link>
  ) : (
    <div className={classes.item}>{inside}</div>
  );
}
