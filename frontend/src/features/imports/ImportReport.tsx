import { Button } from "@mantine/core";
import type { ImportJob, Report, Skip } from "../../api/wire";
import { useAppDispatch } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { platformName } from "../../components/platforms";
import { fullTime } from "../../components/time";
import classes from "./Imports.module.css";
import { cancelImport } from "./importsSlice";
import { isRunning, jobProgress } from "./progress";

type Counts = Report["conversations"];

const COLUMNS: [keyof Counts, string][] = [
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
  const platform = job.report?.platform ? platformName(job.report.platform) : null;
  return (
    <article className={classes.report} data-testid="import-report" data-state={job.state}>
      <header className={classes.reportHead}>
        <div>
          <h2>{job.filename}</h2>
          <p>{[platform, fullTime(job.createdAt)].filter(Boolean).join(" · ")}</p>
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

function ReportBody({ report }: { report: Report }) {
  const unknown = Object.entries(report.unknownContent);
  return (
    <>
      <ErrorNote sentence={report.error} />
      {report.conversations.found > 0 && (
        <div className={classes.scroll}>
          <table className={classes.counts}>
            <thead>
              <tr>
                <td />
                {COLUMNS.map(([key, words]) => (
                  <th key={key} scope="col">
                    {words}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              <CountsRow words="Chats" counts={report.conversations} />
              <CountsRow words="Messages" counts={report.messages} />
            </tbody>
          </table>
        </div>
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
        <Details words={`${report.ignoredFiles.length} files without chats`} items={report.ignoredFiles} />
      )}
    </>
  );
}

function CountsRow({ words, counts }: { words: string; counts: Counts }) {
  return (
    <tr>
      <th scope="row">{words}</th>
      {COLUMNS.map(([key]) => (
        <td key={key} data-zero={counts[key] === 0 || undefined}>
          {counts[key].toLocaleString()}
        </td>
      ))}
    </tr>
  );
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
