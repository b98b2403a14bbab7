import { Tooltip } from "@mantine/core";
import { useAppSelector } from "../../app/hooks";
import classes from "./Connection.module.css";
import { selectConnection, selectWaiting } from "./connectionSlice";
import { statusWords } from "./words";

/** How things stand with the server, in words, always in sight and announced when it changes. */
export function ConnectionStatus({ isShort = false }: { isShort?: boolean }) {
  const status = useAppSelector(selectConnection);
  const waiting = useAppSelector(selectWaiting);
  const { tone, words, detail } = statusWords(status, waiting);
  return (
    <Tooltip
      label={detail}
      multiline
      maw={260}
      position="top-start"
      events={{ hover: true, focus: true, touch: true }}
    >
      <output
        className={classes.status}
        data-testid="connection-status"
        data-kind={status.kind}
        data-tone={tone}
      >
        <span className={classes.dot} aria-hidden />
        {isShort ? words.split(" · ")[0] : words}
      </output>
    </Tooltip>
  );
}
