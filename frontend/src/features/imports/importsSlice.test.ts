import { describe, expect, it } from "vitest";
import type { ImportJob } from "../../api/wire";
import { createStore } from "../../app/store";
import { importAccepted, importChanged, importDemo, loadImports, selectImport } from "./importsSlice";

function job(state: ImportJob["state"], bytesDone = 0): ImportJob {
  const progress = { bytesDone, bytesTotal: 9, conversationsFound: 0, conversationsDone: 0 };
  return { id: 1, filename: "demo.zip", state, progress, report: null, createdAt: 1, finishedAt: null };
}

const ANSWERS = [
  ["the demo's answer", (each: ImportJob) => importDemo.fulfilled(each, "r", undefined)],
  ["the upload's answer", (each: ImportJob) => importAccepted(each)],
  ["the list", (each: ImportJob) => loadImports.fulfilled([each], "r", undefined)],
] as const;

function stateAfter(...actions: Parameters<ReturnType<typeof createStore>["dispatch"]>[0][]) {
  const store = createStore();
  for (const each of actions) store.dispatch(each);
  return selectImport(store.getState(), 1);
}

describe("a job never goes back", () => {
  for (const [name, answered] of ANSWERS) {
    it.each(["checking", "importing", "done", "failed", "cancelled"] as const)(
      `when ${name} comes after the news that it is %s`,
      (state) => {
        expect(stateAfter(importChanged(job(state)), answered(job("queued")))?.state).toBe(state);
      },
    );

    it(`within a step, when ${name} comes late`, () => {
      const late = stateAfter(importChanged(job("importing", 5)), answered(job("importing", 3)));
      expect(late?.progress.bytesDone).toBe(5);
    });

    it(`but ${name} may be newer than the last news`, () => {
      expect(stateAfter(importChanged(job("checking")), answered(job("failed")))?.state).toBe("failed");
    });
  }

  it("from an end, whatever is told", () => {
    expect(stateAfter(importChanged(job("failed")), importChanged(job("importing")))?.state).toBe("failed");
  });

  it("except that a resumed job may begin a step anew", () => {
    const resumed = stateAfter(importChanged(job("importing", 5)), importChanged(job("checking")));
    expect(resumed?.state).toBe("checking");
  });
});
