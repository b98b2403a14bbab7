/** The two actions that anything listening to the server's plain messages needs. */
export { updateChat } from "../features/chats/chatsSlice";
export { addNotification } from "../features/notifications/notificationsSlice";
