import { Button } from "@mantine/core";
import { useState } from "react";
import { accounts, type Invitation } from "../../api/endpoints";
import { ErrorNote } from "../../components/ErrorNote";
import { fullTime } from "../../components/time";
import { useNow } from "../../components/useNow";
import { Secret } from "./Secret";
import { Section } from "./Section";
import classes from "./Settings.module.css";
import { useItems } from "./useItems";

function linkOf(invitation: string): string {
  return `${globalThis.location.origin}/join/${encodeURIComponent(invitation)}`;
}

function state({ usedByName, usedAt, expiresAt }: Invitation, nowMs: number): string {
  if (usedAt !== null) return `Used by ${usedByName ?? "someone"}`;
  return expiresAt < nowMs ? "Expired" : `Open until ${fullTime(expiresAt)}`;
}

/** Links with which others make their account here. */
export function Invitations() {
  const { items, problem, attempt, reload } = useItems<Invitation>(accounts.invitations);
  const [link, setLink] = useState<string | null>(null);
  const nowMs = useNow();
  const invite = () =>
    attempt(async () => {
      setLink(linkOf((await accounts.invite()).invitation));
      await reload();
    });
  return (
    <Section title="Invitations" words="Each link lets one person create an account on this server.">
      <ErrorNote sentence={problem} />
      {link && <Secret words="Send this link to the person. It is shown this once." secret={link} />}
      <ul className={classes.items}>
        {items?.map((invitation) => (
          <li key={invitation.id}>
            <span className={classes.itemName}>
              Made {fullTime(invitation.createdAt)}
              <small>{state(invitation, nowMs)}</small>
            </span>
          </li>
        ))}
      </ul>
      <Button variant="default" onClick={() => void invite()}>
        Create an invitation link
      </Button>
    </Section>
  );
}
