import {
  createAsyncThunk,
  createEntityAdapter,
  createSelector,
  createSlice,
  type PayloadAction,
} from "@reduxjs/toolkit";
import { sentenceOf } from "../../api/client";
import { chats, type LibraryView } from "../../api/endpoints";
import type { ChatPage, ChatSummary } from "../../api/wire";

export type { LibraryView } from "../../api/endpoints";

interface ViewState {
  loading: boolean;
  /** The cursor of the next page; null when all is loaded, undefined before the first page. */
  next: string | null | undefined;
  error: string | null;
}

const adapter = createEntityAdapter<ChatSummary>();
const unopened: ViewState = { loading: false, next: undefined, error: null };

/** The part of the store that this slice's selectors read. */
interface WithLibrary {
  library: LibraryState;
}

const initialState = adapter.getInitialState({
  views: { library: unopened, archived: unopened, trash: unopened } as Record<LibraryView, ViewState>,
  /** The offset of `user:<id>` at which each summary was read, removed ones too: an older page changes nothing newer. */
  readAt: {} as Record<number, number>,
});

type LibraryState = typeof initialState;

export const loadMoreChats = createAsyncThunk<
  ChatPage,
  LibraryView,
  { state: WithLibrary; rejectValue: string }
>(
  "library/loadMore",
  async (view, { getState, rejectWithValue }) => {
    try {
      return await chats.list(view, getState().library.views[view].next ?? null);
    } catch (error) {
      return rejectWithValue(sentenceOf(error));
    }
  },
  {
    condition: (view, { getState }) => {
      const { loading, next } = getState().library.views[view];
      return !loading && next !== null;
    },
  },
);

function list(state: LibraryState, summaries: ChatSummary[], offset: number) {
  const news = summaries.filter((each) => (state.readAt[each.id] ?? -1) <= offset);
  for (const each of news) state.readAt[each.id] = offset;
  adapter.upsertMany(state, news);
}

const slice = createSlice({
  name: "library",
  initialState,
  reducers: {
    chatsListed(state, action: PayloadAction<{ chats: ChatSummary[]; offset: number }>) {
      list(state, action.payload.chats, action.payload.offset);
    },
    chatUnlisted(state, action: PayloadAction<{ chatId: number; offset: number }>) {
      state.readAt[action.payload.chatId] = action.payload.offset;
      adapter.removeOne(state, action.payload.chatId);
    },
    /** What this device kept, shown until the server has answered. */
    libraryRestored(state, action: PayloadAction<{ chats: ChatSummary[]; offset: number }>) {
      list(state, action.payload.chats, action.payload.offset);
    },
    /** The list is read again from its beginning, and what is no longer in it goes. */
    libraryReloaded(state, action: PayloadAction<{ view: LibraryView; page: ChatPage }>) {
      const { view, page } = action.payload;
      if (page.next === null) forgetMissing(state, view, page);
      list(state, page.items, page.offset);
      state.views[view] = { loading: false, next: page.next, error: null };
    },
    libraryForgotten: () => initialState,
  },
  extraReducers: (builder) => {
    builder
      .addCase(loadMoreChats.pending, (state, action) => {
        Object.assign(state.views[action.meta.arg], { loading: true, error: null });
      })
      .addCase(loadMoreChats.fulfilled, (state, action) => {
        list(state, action.payload.items, action.payload.offset);
        state.views[action.meta.arg] = { loading: false, next: action.payload.next, error: null };
      })
      .addCase(loadMoreChats.rejected, (state, action) => {
        Object.assign(state.views[action.meta.arg], { loading: false, error: action.payload ?? null });
      });
  },
});

function forgetMissing(state: LibraryState, view: LibraryView, page: ChatPage) {
  const found = new Set(page.items.map((each) => each.id));
  const gone = Object.values(state.entities).filter(
    (each) => belongsTo(view, each) && !found.has(each.id) && (state.readAt[each.id] ?? -1) <= page.offset,
  );
  adapter.removeMany(
    state,
    gone.map((each) => each.id),
  );
}

export const libraryReducer = slice.reducer;
export const { chatsListed, chatUnlisted, libraryRestored, libraryReloaded, libraryForgotten } =
  slice.actions;

function belongsTo(view: LibraryView, chat: ChatSummary): boolean {
  if (chat.deletedAt !== null) return view === "trash";
  return view === (chat.archivedAt === null ? "library" : "archived");
}

const selectSummaries = adapter.getSelectors((state: WithLibrary) => state.library);

function sorted(view: LibraryView) {
  return createSelector([selectSummaries.selectAll], (summaries) =>
    summaries
      .filter((each) => belongsTo(view, each))
      .sort((a, b) => b.updatedAt - a.updatedAt || b.id - a.id),
  );
}

const selectors: Record<LibraryView, (state: WithLibrary) => ChatSummary[]> = {
  library: sorted("library"),
  archived: sorted("archived"),
  trash: sorted("trash"),
};

/** The summaries of a view, newest first. */
export const selectLibrary = (state: WithLibrary, view: LibraryView): ChatSummary[] => selectors[view](state);
export const selectLibraryView = (state: WithLibrary, view: LibraryView): ViewState =>
  state.library.views[view];
export const selectSummary = (state: WithLibrary, id: number): ChatSummary | undefined =>
  state.library.entities[id];
