import { Skeleton } from "@mantine/core";
import type { ServerHealth } from "../../api/wire";
import { ErrorNote } from "../../components/ErrorNote";
import { TitledPage } from "../../components/TitledPage";
import { fullTime } from "../../components/time";
import { DamageCheck } from "./DamageCheck";
import { DiskFigures, ImportFigures, LiveFigures, SavingFigures, ServerFigures } from "./figures";
import classes from "./Health.module.css";
import { useHealth } from "./useHealth";
import { Warnings } from "./Warnings";

/** How the server stands, for whoever runs it: what to look after first, then the figures. */
export default function HealthPage() {
  const { known, problem, refresh } = useHealth();
  return (
    <TitledPage title="Server health">
      <div className={classes.inner} data-testid="health">
        <ErrorNote sentence={problem && (known ? `${problem} ${asOf(known)}` : problem)} />
        {known ? <Known health={known} isOld={problem !== null} onChecked={refresh} /> : <Waiting />}
      </div>
    </TitledPage>
  );
}

const asOf = ({ now }: ServerHealth) => `What is shown here was so on ${fullTime(now)}.`;

function Known(props: { health: ServerHealth; isOld: boolean; onChecked: () => void }) {
  const { health, isOld, onChecked } = props;
  return (
    <>
      <Warnings warnings={health.warnings} isOld={isOld} />
      <div className={classes.cards} data-old={isOld || undefined}>
        <SavingFigures writes={health.writes} nowMs={health.now} />
        <LiveFigures live={health.live} />
        <DiskFigures database={health.database} />
        <DamageCheck integrity={health.integrity} nowMs={health.now} onChecked={onChecked} />
        <ImportFigures jobs={health.importJobs} />
        <ServerFigures health={health} />
      </div>
    </>
  );
}

function Waiting() {
  return (
    <div className={classes.cards} role="status" aria-label="Loading">
      {["a", "b", "c", "d"].map((key) => (
        <Skeleton key={key} h={150} radius="md" />
      ))}
    </div>
  );
}
