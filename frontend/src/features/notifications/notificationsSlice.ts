import { createAsyncThunk, createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { notifications } from "../../api/endpoints";
import type { Notification, NotificationPage } from "../../api/wire";

interface NotificationsState {
  /** Newest first. */
  list: Notification[];
  unread: number;
  /** To be shown now, oldest first; the page dismisses each. */
  toasts: Notification[];
  next: string | null | undefined;
  /** The offset of `user:<id>` that the list stands at. */
  offset: number;
}

/** The part of the store that this slice's selectors read. */
interface WithNotifications {
  notifications: NotificationsState;
}

const initialState: NotificationsState = { list: [], unread: 0, toasts: [], next: undefined, offset: 0 };

export const loadMoreNotifications = createAsyncThunk<NotificationPage, void, { state: WithNotifications }>(
  "notifications/loadMore",
  (_nothing, { getState }) => notifications.list(getState().notifications.next ?? null),
  { condition: (_nothing, { getState }) => getState().notifications.next !== null },
);

const countUnread = (list: Notification[]) => list.filter((each) => each.readAt === null).length;

/** A plain message has no number; local ones count downwards so that they never meet the server's. */
function asNotification(given: string | Notification, state: NotificationsState): Notification {
  if (typeof given !== "string") return given;
  const id = Math.min(0, ...state.list.map((each) => each.id)) - 1;
  return { id, level: "info", message: given, link: null, createdAt: 0, readAt: null };
}

function add(state: NotificationsState, given: string | Notification) {
  const notification = asNotification(given, state);
  if (state.list.some((each) => each.id === notification.id)) return;
  state.list.unshift(notification);
  if (notification.readAt !== null) return;
  state.unread += 1;
  state.toasts.push(notification);
}

const slice = createSlice({
  name: "notifications",
  initialState,
  reducers: {
    /** Takes a plain message or the full form; shows it as a toast and keeps it in the list. */
    addNotification(state, action: PayloadAction<string | Notification>) {
      add(state, action.payload);
    },
    notified(state, action: PayloadAction<{ notification: Notification; offset: number }>) {
      if (action.payload.offset <= state.offset) return;
      state.offset = action.payload.offset;
      add(state, action.payload.notification);
    },
    notificationsRead(state, action: PayloadAction<{ upTo: number; readAt: number; offset: number }>) {
      const { upTo, readAt, offset } = action.payload;
      if (offset <= state.offset) return;
      state.offset = offset;
      const news = state.list.filter((each) => each.id <= upTo && each.readAt === null);
      for (const each of news) each.readAt = readAt;
      state.unread = Math.max(countUnread(state.list), state.unread - news.length);
      if (state.list.every((each) => each.readAt !== null)) state.unread = 0;
      state.toasts = state.toasts.filter((each) => each.id > upTo);
    },
    notificationsReloaded(state, action: PayloadAction<NotificationPage>) {
      const { items, unread, next, offset } = action.payload;
      Object.assign(state, { list: items, unread, next, offset });
    },
    dismissToast(state, action: PayloadAction<number>) {
      state.toasts = state.toasts.filter((each) => each.id !== action.payload);
    },
    notificationsForgotten: () => initialState,
  },
  extraReducers: (builder) => {
    builder.addCase(loadMoreNotifications.fulfilled, (state, action) => {
      const { items, unread, next, offset } = action.payload;
      const known = new Set(state.list.map((each) => each.id));
      state.list.push(...items.filter((each) => !known.has(each.id)));
      if (offset >= state.offset) Object.assign(state, { unread, offset });
      state.next = next;
    });
  },
});

export const notificationsReducer = slice.reducer;
export const {
  addNotification,
  notified,
  notificationsRead,
  notificationsReloaded,
  dismissToast,
  notificationsForgotten,
} = slice.actions;

export const selectNotifications = (state: WithNotifications): Notification[] => state.notifications.list;
export const selectUnread = (state: WithNotifications): number => state.notifications.unread;
export const selectToasts = (state: WithNotifications): Notification[] => state.notifications.toasts;
export const selectHasMoreNotifications = (state: WithNotifications): boolean =>
  state.notifications.next !== null;
