import { createAsyncThunk, createSelector, createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { imports } from "../../api/endpoints";
import type { ImportJob } from "../../api/wire";
import type { RootState } from "../../app/store";

interface ImportsState {
  jobs: Record<number, ImportJob>;
}

const initialState: ImportsState = { jobs: {} };

export const loadImports = createAsyncThunk("imports/load", async () => (await imports.list()).items);
export const cancelImport = createAsyncThunk("imports/cancel", (id: number) => imports.cancel(id));
/** Imports the small library that comes with the product. */
export const importDemo = createAsyncThunk("imports/demo", () => imports.demo());

function keep(state: ImportsState, job: ImportJob) {
  const known = state.jobs[job.id];
  if (known?.finishedAt && !job.finishedAt) return; // an older answer that came late
  state.jobs[job.id] = job;
}

const slice = createSlice({
  name: "imports",
  initialState,
  reducers: {
    importChanged(state, action: PayloadAction<ImportJob>) {
      keep(state, action.payload);
    },
    importsForgotten: () => initialState,
  },
  extraReducers: (builder) => {
    builder
      .addCase(loadImports.fulfilled, (state, action) => {
        for (const job of action.payload) keep(state, job);
      })
      .addCase(cancelImport.fulfilled, (state, action) => {
        if (action.payload) keep(state, action.payload);
      })
      .addCase(importDemo.fulfilled, (state, action) => keep(state, action.payload));
  },
});

export const importsReducer = slice.reducer;
export const { importChanged, importsForgotten } = slice.actions;

/** All known jobs, newest first. */
export const selectImports = createSelector([(state: RootState) => state.imports.jobs], (jobs) =>
  Object.values(jobs).sort((a, b) => b.createdAt - a.createdAt || b.id - a.id),
);
export const selectImport = (state: RootState, id: number): ImportJob | undefined => state.imports.jobs[id];
