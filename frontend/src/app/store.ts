import { configureStore } from "@reduxjs/toolkit";
import { chatsReducer } from "../features/chats/chatsSlice";
import { connectionReducer } from "../features/connection/connectionSlice";
import { importsReducer } from "../features/imports/importsSlice";
import { libraryReducer } from "../features/library/librarySlice";
import { notificationsReducer } from "../features/notifications/notificationsSlice";
import { presenceReducer } from "../features/presence/presenceSlice";
import { sessionReducer } from "../features/session/sessionSlice";

const reducer = {
  chats: chatsReducer,
  connection: connectionReducer,
  imports: importsReducer,
  library: libraryReducer,
  notifications: notificationsReducer,
  presence: presenceReducer,
  session: sessionReducer,
};

export function createStore() {
  return configureStore({
    reducer,
    // Chats of 10,000 messages: walking the whole state after each action costs more than it finds.
    middleware: (defaults) => defaults({ serializableCheck: false, immutableCheck: false }),
  });
}

export type Store = ReturnType<typeof createStore>;
export type RootState = ReturnType<Store["getState"]>;
export type AppDispatch = Store["dispatch"];
