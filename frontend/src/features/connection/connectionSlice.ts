import { createSelector, createSlice, type PayloadAction } from "@reduxjs/toolkit";
import type { ChatId, MessageId } from "../../api/wire";

export type ConnectionStatus =
  | { kind: "live" }
  | { kind: "connecting" }
  | { kind: "catching_up" }
  | { kind: "offline"; retryAtMs: number }
  | { kind: "signed_out"; reason: string };

/** `keeping`: being written to this device; `unkept`: this device does not take it. */
export type SaveState = "saved" | "sending" | "keeping" | "kept" | "unkept" | "refused";

/** A text that is not where it was written, as one that the server refused; it is kept until the person has copied or discarded it. */
export interface KeptDraft {
  key: string;
  chatId: ChatId;
  messageId: MessageId;
  text: string;
  sentence: string;
}

/** A change that is not acknowledged yet; commands that belong to no message have `messageId` null. */
export interface Unsaved {
  key: string;
  chatId: ChatId | null;
  messageId: MessageId | null;
  /** All of it is on this device. */
  isKept: boolean;
}

interface ConnectionState {
  status: ConnectionStatus;
  /** "memory" when this device does not take what is typed. */
  durability: "device" | "memory";
  unsaved: Unsaved[];
  drafts: KeptDraft[];
  /** The sentence of the newest refusal, for a toast; the page dismisses it. */
  refusals: { key: string; sentence: string }[];
}

/** The part of the store that this slice's selectors read. */
interface WithConnection {
  connection: ConnectionState;
}

const initialState: ConnectionState = {
  status: { kind: "connecting" },
  durability: "device",
  unsaved: [],
  drafts: [],
  refusals: [],
};

const slice = createSlice({
  name: "connection",
  initialState,
  reducers: {
    statusChanged(state, action: PayloadAction<ConnectionStatus>) {
      state.status = action.payload;
    },
    durabilityFound(state, action: PayloadAction<"device" | "memory">) {
      state.durability = action.payload;
    },
    unsavedChanged(state, action: PayloadAction<Unsaved[]>) {
      state.unsaved = action.payload;
    },
    draftKept(state, action: PayloadAction<KeptDraft>) {
      state.drafts = [...state.drafts.filter((each) => each.key !== action.payload.key), action.payload];
    },
    draftDropped(state, action: PayloadAction<string>) {
      state.drafts = state.drafts.filter((each) => each.key !== action.payload);
    },
    refused(state, action: PayloadAction<{ key: string; sentence: string }>) {
      state.refusals.push(action.payload);
    },
    dismissRefusal(state, action: PayloadAction<string>) {
      state.refusals = state.refusals.filter((each) => each.key !== action.payload);
    },
  },
});

export const connectionReducer = slice.reducer;
export const {
  statusChanged,
  durabilityFound,
  unsavedChanged,
  draftKept,
  draftDropped,
  refused,
  dismissRefusal,
} = slice.actions;

export const selectConnection = (state: WithConnection): ConnectionStatus => state.connection.status;
/** How many changes are not acknowledged yet. */
export const selectUnsavedCount = (state: WithConnection): number => state.connection.unsaved.length;
const selectKeptCount = (state: WithConnection): number =>
  state.connection.unsaved.filter((each) => each.isKept).length;
/** What the server has not acknowledged, and how much of that is on this device. */
export const selectWaiting = createSelector(
  [selectUnsavedCount, selectKeptCount, (state: WithConnection) => state.connection.durability],
  (count, kept, durability) => ({ count, kept, durability }),
);
export const selectKeptDrafts = (state: WithConnection): KeptDraft[] => state.connection.drafts;
export const selectRefusals = (state: WithConnection) => state.connection.refusals;

export function selectSaveState(state: WithConnection, chatId: ChatId, messageId: MessageId): SaveState {
  const isHere = (each: { chatId: ChatId | null; messageId: MessageId | null }) =>
    each.chatId === chatId && each.messageId === messageId;
  const waiting = state.connection.unsaved.filter(isHere);
  if (waiting.length === 0) return state.connection.drafts.some(isHere) ? "refused" : "saved";
  if (state.connection.status.kind === "live") return "sending";
  if (waiting.every((each) => each.isKept)) return "kept";
  return state.connection.durability === "memory" ? "unkept" : "keeping";
}
