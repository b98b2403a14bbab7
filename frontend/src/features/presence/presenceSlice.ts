import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import type { ChatId, MessageId } from "../../api/wire";

/** Where someone is in a chat: nowhere in particular (`{}`), or with a cursor in a message. `offset`: of the text it is in. */
export type PresenceState =
  | Record<string, never>
  | { messageId: MessageId; anchor: number; head: number; offset: number };

export interface Present {
  session: string;
  userId: number;
  name: string;
  state: PresenceState;
}

interface State {
  ownSession: string;
  byChannel: Record<string, Present[]>;
}

/** The part of the store that this slice's selectors read. */
interface WithPresence {
  presence: State;
}

const initialState: State = { ownSession: "", byChannel: {} };

const slice = createSlice({
  name: "presence",
  initialState,
  reducers: {
    welcomed(state, action: PayloadAction<{ session: string }>) {
      state.ownSession = action.payload.session;
      state.byChannel = {};
    },
    presenceReplaced(state, action: PayloadAction<{ channel: string; present: Present[] }>) {
      state.byChannel[action.payload.channel] = action.payload.present;
    },
    presenceMoved(
      state,
      action: PayloadAction<{
        channel: string;
        present: Omit<Present, "state"> & { state: PresenceState | null };
      }>,
    ) {
      const { channel, present } = action.payload;
      const others = (state.byChannel[channel] ?? []).filter((each) => each.session !== present.session);
      state.byChannel[channel] =
        present.state === null ? others : [...others, { ...present, state: present.state }];
    },
    presenceLost(state, action: PayloadAction<{ channel: string }>) {
      delete state.byChannel[action.payload.channel];
    },
  },
});

export const presenceReducer = slice.reducer;
export const { welcomed, presenceReplaced, presenceMoved, presenceLost } = slice.actions;

const NOBODY: Present[] = [];
const remembered = new WeakMap<Present[], { own: string; others: Present[] }>();

/** Who is in a chat besides this tab; another tab of the same person counts as another. */
export function selectPresent(state: WithPresence, chatId: ChatId): Present[] {
  const all = state.presence.byChannel[`chat:${chatId}`];
  if (!all) return NOBODY;
  const known = remembered.get(all);
  if (known?.own === state.presence.ownSession) return known.others;
  const others = all.filter((each) => each.session !== state.presence.ownSession);
  remembered.set(all, { own: state.presence.ownSession, others });
  return others;
}
