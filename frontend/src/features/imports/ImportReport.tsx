import { Button } from "@mantine/core";
import type { ImportJob, Report, Skip } from "../../api/wire";
import { useAppDispatch } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { platformName } from "../../components/platforms";
import { fullTime } from "../../components/time";
import classes from "./Imports.module.css";
import { cancelImport } from "./importsSlice";
import { chatsWords, isRunning, jobProgress } from "./progress";

type Counts = Report["conversations"];

const ROWS: [keyof Counts, string][] = [
  ["found", "Found"],
  ["imported", "Imported"],
  ["updated", "Updated"],
  ["unchanged", "Unchanged"],
  ["skipped", "Skipped"],
];

/** What became of everything that was found in a file: the numbers add up, and each thing left out has its reason. */
export function ImportReport({ job }: { job: ImportJob }) {
  const dispatch = useAppDispatch();
  const progress = jobProgress(job);
  return (
    <article
      className={classes.report}
      aria-label={`Import of ${job.filename}`}
      data-testid="import-report"
      data-state={job.state}
    >
      <header className={classes.reportHead}>
        <div>
          <h2>{job.filename}</h2>
          <p>{[...(job.report ? platformWords(job.report) : []), fullTime(job.createdAt)].join(" · ")}</p>
        </div>
        <span className={classes.badge} data-state={job.state}>
          {progress.words}
          {isRunning(job) && progress.percent !== null && ` · ${progress.percent} %`}
        </span>
        {isRunning(job) && (
          <Button variant="default" size="compact-sm" onClick={() => void dispatch(cancelImport(job.id))}>
            Cancel
          </Button>
        )}
      </header>
      {job.report && <ReportBody report={job.report} />}
    </article>
  );
}

/** Where the chats are from; how many are from each when that is several platforms. */
export function platformWords({ platform, platforms }: Report): string[] {
  const counts = Object.entries(platforms ?? {}).sort();
  if (counts.length < 2) return platform ? [platformName(counts[0]?.[0] ?? platform)] : [];
  return counts.map(([name, count]) => `${platformName(name)}: ${chatsWords(count)}`);
}

function ReportBody({ report }: { report: Report }) {
  const unknown = Object.entries(report.unknownContent);
  return (
    <>
      <ErrorNote sentence={report.error} />
      {report.conversations.found > 0 && (
        <table className={classes.counts}>
          <thead>
            <tr>
              <td />
              <th scope="col">Chats</th>
              <th scope="col">Messages</th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map(([key, words]) => (
              <tr key={key}>
                <th scope="row">{words}</th>
                <Count count={report.conversations[key]} />
                <Count count={report.messages[key]} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {report.notes.length > 0 && (
        <ul className={classes.notes}>
          {report.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {report.skips.length > 0 && (
        <section>
          <h3>What was left out, and why</h3>
          <ul className={classes.skips}>
            {report.skips.map((skip) => (
              <SkipItem key={skip.reason} skip={skip} />
            ))}
          </ul>
        </section>
      )}
      {unknown.length > 0 && (
        <Details
          words="Content of unknown kinds, kept as it was"
          items={unknown.map(([kind, count]) => `${kind}: ${count.toLocaleString()}`)}
        />
      )}
      {report.ignoredFiles.length > 0 && (
        <Details
          words={
            report.ignoredFiles.length === 1
              ? "1 file without chats"
              : `${report.ignoredFiles.length} files without chats`
          }
          items={report.ignoredFiles}
        />
      )}
    </>
  );
}

function Count({ count }: { count: number }) {
  return <td data-zero={count === 0 || undefined}>{count.toLocaleString()}</td>;
}

function SkipItem({ skip }: { skip: Skip }) {
  return (
    <li>
      <strong>{skip.count.toLocaleString()} ×</strong> {skip.sentence}
      {skip.examples.length > 0 && <span className={classes.examples}>{skip.examples.join(" · ")}</span>}
    </li>
  );
}

function Details({ words, items }: { words: string; items: string[] }) {
  return (
    <details className={classes.details}>
      <summary>{words}</summary>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </details>
  );
}
