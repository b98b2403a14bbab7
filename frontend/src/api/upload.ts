import { type Problem, problemFrom, Unreachable } from "./client";
import type { ImportJob } from "./wire";

/** Sends an export file; `report` hears how much has gone out. XMLHttpRequest, because fetch cannot tell. */
export function uploadImport(
  file: File,
  report: (sentBytes: number, totalBytes: number) => void,
): Promise<ImportJob> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", "/api/imports");
    request.upload.onprogress = (event) => report(event.loaded, event.total);
    request.onerror = () => reject(new Unreachable());
    request.onabort = () => reject(new Unreachable());
    request.onload = () => {
      const answer = jsonOr(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer as ImportJob);
      else reject(problemFrom(request.status, answer) satisfies Problem);
    };
    request.send(form);
  });
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
