import { Button } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useParams } from "react-router";
import { useAppSelector } from "../../app/hooks";
import { EmptyState } from "../../components/EmptyState";
import { TitledPage } from "../../components/TitledPage";
import { useImporting } from "./ImportProvider";
import { ImportReport } from "./ImportReport";
import classes from "./Imports.module.css";
import { selectImports } from "./importsSlice";

/** Every import with its report; the one that the address names comes into sight. */
export default function ImportsPage() {
  const jobs = useAppSelector(selectImports);
  const wanted = Number(useParams().jobId);
  const { chooseFile } = useImporting();
  const wantedItem = useRef<HTMLLIElement>(null);
  const isThere = jobs.some((job) => job.id === wanted);
  useEffect(() => {
    if (isThere) wantedItem.current?.scrollIntoView({ block: "start" });
  }, [isThere]);
  const chooser = (
    <Button size="xs" leftSection={<IconFileImport size={15} />} onClick={chooseFile}>
      Import a file
    </Button>
  );
  return (
    <TitledPage title="Imports" action={chooser}>
      {jobs.length === 0 ? (
        <EmptyState
          icon={<IconFileImport size={22} />}
          title="Nothing imported yet"
          action={<Button onClick={chooseFile}>Choose a file</Button>}
        >
          Drop the zip or JSON file of a ChatGPT or Claude export anywhere on this page. What was found,
          imported and left out stays listed here.
        </EmptyState>
      ) : (
        <ul className={classes.jobs}>
          {jobs.map((job) => (
            <li key={job.id} ref={job.id === wanted ? wantedItem : null}>
              <ImportReport job={job} />
            </li>
          ))}
        </ul>
      )}
    </TitledPage>
  );
}
