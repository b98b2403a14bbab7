import { createAsyncThunk, createSelector, createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { imports } from "../../api/endpoints";
import type { ImportJob } from "../../api/wire";

interface ImportsState {
  jobs: Record<number, ImportJob>;
}

/** The part of the store that this slice's selectors read. */
interface WithImports {
  imports: ImportsState;
}

const initialState: ImportsState = { jobs: {} };

export const loadImports = createAsyncThunk("imports/load", async () => (await imports.list()).items);
export const cancelImport = createAsyncThunk("imports/cancel", (id: number) => imports.cancel(id));
/** Imports the small library that comes with the product. */
export const importDemo = createAsyncThunk("imports/demo", () => imports.demo());

const STEPS: readonly ImportJob["state"][] = ["queued", "checking", "importing"];
/** The place of a state in a job's life; all ends are last. */
const stepOf = ({ state }: ImportJob): number =>
  STEPS.includes(state) ? STEPS.indexOf(state) : STEPS.length;

function isBehind(job: ImportJob, known: ImportJob): boolean {
  if (stepOf(job) !== stepOf(known)) return stepOf(job) < stepOf(known);
  return job.progress.bytesDone < known.progress.bytesDone;
}

/** Told by the server as it happens. A resumed job may begin a step anew; an end is an end. */
function keepNews(state: ImportsState, job: ImportJob) {
  const known = state.jobs[job.id];
  if (known && stepOf(known) === STEPS.length && stepOf(job) < STEPS.length) return;
  state.jobs[job.id] = job;
}

/** An answer over HTTP may come after the news of what happened since it was given. */
function keepAnswer(state: ImportsState, job: ImportJob) {
  const known = state.jobs[job.id];
  if (!known || !isBehind(job, known)) state.jobs[job.id] = job;
}

const slice = createSlice({
  name: "imports",
  initialState,
  reducers: {
    importChanged(state, action: PayloadAction<ImportJob>) {
      keepNews(state, action.payload);
    },
    importAccepted(state, action: PayloadAction<ImportJob>) {
      keepAnswer(state, action.payload);
    },
    importsForgotten: () => initialState,
  },
  extraReducers: (builder) => {
    builder
      .addCase(loadImports.fulfilled, (state, action) => {
        for (const job of action.payload) keepAnswer(state, job);
      })
      .addCase(cancelImport.fulfilled, (state, action) => {
        if (action.payload) keepAnswer(state, action.payload);
      })
      .addCase(importDemo.fulfilled, (state, action) => keepAnswer(state, action.payload));
  },
});

export const importsReducer = slice.reducer;
export const { importChanged, importAccepted, importsForgotten } = slice.actions;

/** All known jobs, newest first. */
export const selectImports = createSelector([(state: WithImports) => state.imports.jobs], (jobs) =>
  Object.values(jobs).sort((a, b) => b.createdAt - a.createdAt || b.id - a.id),
);
export const selectImport = (state: WithImports, id: number): ImportJob | undefined => state.imports.jobs[id];
