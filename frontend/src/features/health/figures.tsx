/** The figures of the server, a card for each subject. */
import type { ServerHealth } from "../../api/wire";
import { sizeWords } from "../../components/sizeWords";
import { fullTime, shortTime } from "../../components/time";
import { Card, Lines } from "./Card";
import classes from "./Health.module.css";
import { countsWords, durationWords, withinWords } from "./words";

export function SavingFigures({ writes, nowMs }: { writes: ServerHealth["writes"]; nowMs: number }) {
  const failure = writes.lastFailure;
  return (
    <Card
      title="Saving"
      main={writes.p50Ms === null ? "–" : withinWords(writes.p50Ms)}
      words="half of all changes were on the disk, in the last hour"
    >
      <Lines
        lines={[
          ["99 of 100", withinWords(writes.p99Ms)],
          ["Waiting now", writes.waiting],
          ["Failed in the last hour", writes.failures],
        ]}
      />
      {failure && (
        <p className={classes.failure}>
          Last failure, {shortTime(failure.at, nowMs)}: {failure.sentence}
        </p>
      )}
    </Card>
  );
}

export function LiveFigures({ live }: { live: ServerHealth["live"] }) {
  return (
    <Card
      title="Live now"
      main={live.people.toLocaleString()}
      words={live.people === 1 ? "person is connected" : "people are connected"}
    >
      <Lines
        lines={[
          ["Connections", live.connections.toLocaleString()],
          ["Chats and lists followed", live.subscriptions.toLocaleString()],
          ["Catching up from the log", live.behind.toLocaleString()],
          ["Waiting to be sent", sizeWords(live.outboxBytes)],
          ["Ended in the last hour", countsWords(live.drops, "none")],
        ]}
      />
    </Card>
  );
}

export function DiskFigures({ database }: { database: ServerHealth["database"] }) {
  const freeShare = database.diskBytes === 0 ? 0 : database.diskFreeBytes / database.diskBytes;
  return (
    <Card
      title="Disk"
      main={sizeWords(database.diskFreeBytes)}
      words={`of ${sizeWords(database.diskBytes)} are free on the disk of the library`}
    >
      <meter
        className={classes.meter}
        value={1 - freeShare}
        high={0.95}
        aria-label={`${Math.round((1 - freeShare) * 100)} % of the disk is used`}
      />
      <Lines
        lines={[
          ["Library", sizeWords(database.bytes)],
          ["Not merged into it yet", sizeWords(database.walBytes)],
        ]}
      />
    </Card>
  );
}

const RUNNING = ["queued", "checking", "importing"];

export function ImportFigures({ jobs }: { jobs: ServerHealth["importJobs"] }) {
  const running = RUNNING.reduce((sum, state) => sum + (jobs[state] ?? 0), 0);
  return (
    <Card
      title="Imports"
      main={running.toLocaleString()}
      words={running === 1 ? "is waiting or running" : "are waiting or running"}
    >
      <Lines lines={[["All", countsWords(jobs, "none yet")]]} />
    </Card>
  );
}

export function ServerFigures({ health }: { health: ServerHealth }) {
  return (
    <Card title="Server" main={durationWords(health.now - health.startedAt)} words="since it was started">
      <Lines
        lines={[
          ["Started", fullTime(health.startedAt)],
          ["Version", health.version],
          ["Schema", health.database.schemaVersion],
        ]}
      />
    </Card>
  );
}
