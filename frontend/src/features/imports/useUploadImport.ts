import { useCallback, useState } from "react";
import { sentenceOf } from "../../api/client";
import { uploadImport } from "../../api/upload";
import { useAppDispatch } from "../../app/hooks";
import { importAccepted } from "./importsSlice";

export type Upload =
  | { kind: "idle" }
  | { kind: "uploading"; filename: string; sentBytes: number; totalBytes: number }
  | { kind: "accepted"; jobId: number }
  | { kind: "failed"; sentence: string };

export interface UploadImport {
  status: Upload;
  /** Sends an export to the server; afterwards its job is in the store. */
  upload(file: File): void;
}

export function useUploadImport(): UploadImport {
  const dispatch = useAppDispatch();
  const [status, setStatus] = useState<Upload>({ kind: "idle" });
  const upload = useCallback(
    (file: File) => {
      const report = (sentBytes: number, totalBytes: number) =>
        setStatus({ kind: "uploading", filename: file.name, sentBytes, totalBytes });
      report(0, file.size);
      uploadImport(file, report)
        .then((job) => {
          dispatch(importAccepted(job));
          setStatus({ kind: "accepted", jobId: job.id });
        })
        .catch((error: unknown) => setStatus({ kind: "failed", sentence: sentenceOf(error) }));
    },
    [dispatch],
  );
  return { status, upload };
}
