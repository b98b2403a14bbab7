import { createAsyncThunk, createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { isProblem, sentenceOf } from "../../api/client";
import { accounts } from "../../api/endpoints";
import type { User } from "../../api/wire";
import { forgetUser, rememberedUser, rememberUser } from "./rememberedUser";

export type Me =
  | { kind: "unknown" }
  | { kind: "signed_out" }
  | { kind: "first_account" }
  | { kind: "signed_in"; user: User };

interface SessionState {
  me: Me;
  /** Whether a stranger may make an account: the server's word, such as `open` or `invitation`. */
  signup: string;
}

/** The part of the store that this slice's selectors read. */
interface WithSession {
  session: SessionState;
}

const initialState: SessionState = { me: { kind: "unknown" }, signup: "" };

interface Loaded {
  me: Me;
  signup: string;
}

async function askWhoIAm(): Promise<Loaded> {
  try {
    const user = await accounts.me();
    rememberUser(user);
    return { me: { kind: "signed_in", user }, signup: "" };
  } catch (error) {
    if (isProblem(error) && error.status === 401) return askSetup();
    const user = rememberedUser();
    if (user) return { me: { kind: "signed_in", user }, signup: "" };
    throw error;
  }
}

async function askSetup(): Promise<Loaded> {
  const setup = await accounts.setup();
  return { me: { kind: setup.needsFirstAccount ? "first_account" : "signed_out" }, signup: setup.signup };
}

/** Finds out who is signed in; away from the network, who was when the page was last open on this device. */
export const loadSession = createAsyncThunk("session/load", askWhoIAm);

/** Rejects with a sentence for the form. */
export const signIn = createAsyncThunk<User, { email: string; password: string }, { rejectValue: string }>(
  "session/signIn",
  async (form, { rejectWithValue }) => {
    try {
      return await accounts.signIn(form);
    } catch (error) {
      return rejectWithValue(sentenceOf(error));
    }
  },
);

export interface SignUpForm {
  email: string;
  name: string;
  password: string;
  invitation?: string;
}

/** Makes an account and signs in with it; rejects with a sentence for the form. */
export const signUp = createAsyncThunk<User, SignUpForm, { rejectValue: string }>(
  "session/signUp",
  async (form, { rejectWithValue }) => {
    try {
      return await accounts.signUp(form);
    } catch (error) {
      return rejectWithValue(sentenceOf(error));
    }
  },
);

export const signOut = createAsyncThunk("session/signOut", async () => {
  await accounts.signOut();
});

export const signOutEverywhere = createAsyncThunk("session/signOutEverywhere", async () => {
  await accounts.signOutEverywhere();
});

function signedIn(state: SessionState, action: PayloadAction<User>) {
  rememberUser(action.payload);
  state.me = { kind: "signed_in", user: action.payload };
}

function signedOutHere(state: SessionState) {
  forgetUser();
  state.me = { kind: "signed_out" };
}

const slice = createSlice({
  name: "session",
  initialState,
  reducers: {
    /** The server ended this sign-in. */
    signedOut: signedOutHere,
    profileChanged: signedIn,
  },
  extraReducers: (builder) => {
    builder
      .addCase(loadSession.fulfilled, (_state, action) => action.payload)
      .addCase(signIn.fulfilled, signedIn)
      .addCase(signUp.fulfilled, signedIn)
      .addCase(signOut.fulfilled, signedOutHere)
      .addCase(signOutEverywhere.fulfilled, signedOutHere);
  },
});

export const sessionReducer = slice.reducer;
export const { signedOut, profileChanged } = slice.actions;

export const selectMe = (state: WithSession): Me => state.session.me;
export const selectUser = (state: WithSession): User | null =>
  state.session.me.kind === "signed_in" ? state.session.me.user : null;
export const selectSignup = (state: WithSession): string => state.session.signup;
