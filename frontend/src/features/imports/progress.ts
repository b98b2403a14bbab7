import type { ImportJob } from "../../api/wire";
import type { Upload } from "./useUploadImport";

/** How far something is; `percent` null while that is not known. */
export interface Progress {
  words: string;
  percent: number | null;
}

function percentOf(done: number, total: number): number | null {
  return total > 0 ? Math.min(100, Math.round((done / total) * 100)) : null;
}

export function chatsWords(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? "chat" : "chats"}`;
}

export function isRunning(job: ImportJob): boolean {
  return job.state === "queued" || job.state === "checking" || job.state === "importing";
}

/** The state of a job in words. */
export function jobProgress(job: ImportJob): Progress {
  const { bytesDone, bytesTotal, conversationsDone } = job.progress;
  switch (job.state) {
    case "queued":
      return { words: "Waiting its turn", percent: null };
    case "checking":
      return { words: "Checking the file", percent: percentOf(bytesDone, bytesTotal) };
    case "importing":
      return {
        words: `${chatsWords(conversationsDone)} so far`,
        percent: percentOf(bytesDone, bytesTotal),
      };
    case "done":
      return { words: "Done", percent: 100 };
    case "failed":
      return { words: "Failed", percent: 100 };
    case "cancelled":
      return { words: "Cancelled", percent: 100 };
  }
}

export function uploadProgress(upload: Extract<Upload, { kind: "uploading" }>): Progress {
  const percent = percentOf(upload.sentBytes, upload.totalBytes);
  return { words: percent === 100 ? "Sent, checking it" : "Sending to the server", percent };
}
