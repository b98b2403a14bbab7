import { ActionIcon, Progress as Bar, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { ImportJob } from "../../api/wire";
import { useAppDispatch, useAppSelector } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { useSidebar } from "../../components/SidebarContext";
import { useImporting } from "./ImportProvider";
import classes from "./Imports.module.css";
import { cancelImport, selectImports } from "./importsSlice";
import { chatsWords, isRunning, jobProgress, type Progress, uploadProgress } from "./progress";
import type { Upload } from "./useUploadImport";

/** What is being imported just now, at the foot of the sidebar; nothing otherwise. */
export function ImportProgress() {
  const jobs = useAppSelector(selectImports);
  const { upload } = useImporting();
  const running = jobs.filter(isRunning);
  const finished =
    upload.kind === "accepted" ? jobs.find((job) => job.id === upload.jobId && !isRunning(job)) : null;
  return (
    <div className={classes.progress} aria-live="polite">
      {upload.kind === "uploading" && <Line name={upload.filename} progress={uploadProgress(upload)} />}
      {upload.kind === "failed" && <FailedUpload upload={upload} />}
      {running.map((job) => (
        <RunningJob key={job.id} job={job} />
      ))}
      {finished && <FinishedJob key={finished.id} job={finished} />}
    </div>
  );
}

function FailedUpload({ upload }: { upload: Extract<Upload, { kind: "failed" }> }) {
  const [dismissed, setDismissed] = useState<Upload | null>(null);
  if (dismissed === upload) return null;
  return (
    <div className={classes.failed}>
      <ErrorNote sentence={upload.sentence} />
      <ActionIcon size="sm" aria-label="Dismiss" onClick={() => setDismissed(upload)}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}

function RunningJob({ job }: { job: ImportJob }) {
  const dispatch = useAppDispatch();
  return (
    <Line name={job.filename} progress={jobProgress(job)}>
      <Tooltip label="Cancel the import">
        <ActionIcon
          size="sm"
          aria-label={`Cancel the import of ${job.filename}`}
          onClick={() => void dispatch(cancelImport(job.id))}
        >
          <IconX size={14} />
        </ActionIcon>
      </Tooltip>
    </Line>
  );
}

function FinishedJob({ job }: { job: ImportJob }) {
  const [isShown, setIsShown] = useState(true);
  const sidebar = useSidebar();
  if (!isShown) return null;
  const imported = job.report?.conversations.imported ?? 0;
  const words = job.state === "done" ? `${chatsWords(imported)} imported` : jobProgress(job).words;
  return (
    <div className={classes.finished}>
      <Link to={`/imports/${job.id}`} onClick={sidebar.close}>
        {words}. See the report
      </Link>
      <ActionIcon size="sm" aria-label="Dismiss" onClick={() => setIsShown(false)}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}

function Line(props: { name: string; progress: Progress; children?: React.ReactNode }) {
  const { name, progress, children } = props;
  return (
    <div className={classes.line}>
      <div className={classes.lineWords}>
        <span className={classes.filename}>{name}</span>
        <span className={classes.state}>
          {progress.words}
          {progress.percent !== null && ` · ${progress.percent} %`}
        </span>
        {children}
      </div>
      <Bar
        size="xs"
        radius="xl"
        value={progress.percent ?? 100}
        animated={progress.percent === null}
        aria-label={`Import of ${name}`}
      />
    </div>
  );
}
