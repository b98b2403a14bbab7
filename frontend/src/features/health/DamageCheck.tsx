import { Button } from "@mantine/core";
import { useState } from "react";
import { sentenceOf } from "../../api/client";
import { server } from "../../api/endpoints";
import type { IntegrityCheck, ServerHealth } from "../../api/wire";
import { ErrorNote } from "../../components/ErrorNote";
import { shortTime } from "../../components/time";
import { Card } from "./Card";
import classes from "./Health.module.css";

interface DamageCheckProps {
  integrity: ServerHealth["integrity"];
  nowMs: number;
  onChecked: () => void;
}

function whenWords({ at }: IntegrityCheck, nowMs: number): string {
  const time = shortTime(at, nowMs);
  return time === "now" ? "when it was checked just now" : `when it was last checked (${time})`;
}

/** Whether the database file is undamaged, when somebody looked last; looking again reads the whole file. */
export function DamageCheck({ integrity, nowMs, onChecked }: DamageCheckProps) {
  const [isChecking, setIsChecking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const check = (): void => {
    setIsChecking(true);
    setProblem(null);
    server
      .checkIntegrity()
      .then(onChecked, (error: unknown) => setProblem(sentenceOf(error)))
      .finally(() => setIsChecking(false));
  };
  return (
    <Card
      title="Database file"
      main={integrity === null ? "Not checked" : integrity.isSound ? "Undamaged" : "Damaged"}
      words={integrity === null ? "for damage, so far" : whenWords(integrity, nowMs)}
    >
      {integrity && !integrity.isSound && <p className={classes.failure}>{integrity.found}</p>}
      <ErrorNote sentence={problem} />
      <Button variant="default" size="xs" loading={isChecking} onClick={check}>
        Check it now
      </Button>
    </Card>
  );
}
