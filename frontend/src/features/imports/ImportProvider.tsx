import { IconFileImport } from "@tabler/icons-react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useAppDispatch } from "../../app/hooks";
import classes from "./Imports.module.css";
import { loadImports } from "./importsSlice";
import { type Upload, useUploadImport } from "./useUploadImport";

interface Importing {
  upload: Upload;
  /** Opens the device's file dialog. */
  chooseFile: () => void;
}

const ImportingContext = createContext<Importing | null>(null);

export function useImporting(): Importing {
  const importing = useContext(ImportingContext);
  if (!importing) throw new Error("This component must be inside an ImportProvider.");
  return importing;
}

/** Takes export files, by the button or dropped anywhere on the page, and sends them to the server. */
export function ImportProvider({ children }: { children: ReactNode }) {
  const { status, upload } = useUploadImport();
  const input = useRef<HTMLInputElement>(null);
  const dispatch = useAppDispatch();
  const isDragging = useFileDrop(upload);
  useEffect(() => void dispatch(loadImports()), [dispatch]);
  const importing = useMemo(() => ({ upload: status, chooseFile: () => input.current?.click() }), [status]);
  return (
    <ImportingContext value={importing}>
      {children}
      <input
        ref={input}
        className={classes.hiddenInput}
        type="file"
        accept=".zip,.json,application/zip,application/json"
        data-testid="import-input"
        aria-label="Export file to import"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) upload(file);
          event.currentTarget.value = "";
        }}
      />
      {isDragging && (
        <div className={classes.dropping} aria-hidden>
          <div>
            <IconFileImport size={32} stroke={1.5} />
            <strong>Drop the export to import it</strong>
            <span>A zip or JSON file from ChatGPT or Claude</span>
          </div>
        </div>
      )}
    </ImportingContext>
  );
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** Files may be dropped anywhere; the answer is whether one is over the page. */
function useFileDrop(onFile: (file: File) => void): boolean {
  const [isDragging, setIsDragging] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsDragging(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setIsDragging(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsDragging(false);
      for (const file of event.dataTransfer?.files ?? []) onFile(file);
    };
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, [onFile]);
  return isDragging;
}
