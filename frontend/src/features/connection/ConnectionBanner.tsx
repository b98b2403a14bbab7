import { Button } from "@mantine/core";
import { useAppDispatch, useAppSelector } from "../../app/hooks";
import { useSidebar } from "../../components/SidebarContext";
import { signedOut } from "../session/sessionSlice";
import classes from "./Connection.module.css";
import { selectConnection, selectWaiting } from "./connectionSlice";
import { memoryWords, signedOutWords, statusWords } from "./words";

/**
 * A line over the page when something asks for attention: the connection that is away on a phone, the end of a sign-in,
 * a device that keeps nothing.
 */
export function ConnectionBanner() {
  const status = useAppSelector(selectConnection);
  const waiting = useAppSelector(selectWaiting);
  const dispatch = useAppDispatch();
  const { isHidden } = useSidebar();
  if (status.kind === "signed_out") {
    return (
      <div className={classes.banner} role="status">
        <span>
          {status.reason} {signedOutWords(waiting)}
        </span>
        <Button size="compact-sm" onClick={() => dispatch(signedOut())}>
          Sign in again
        </Button>
      </div>
    );
  }
  const isInDanger = waiting.durability === "memory";
  if (!isInDanger && !(isHidden && status.kind === "offline")) return null;
  return (
    <div className={classes.banner} role="status" data-testid="connection-banner">
      {isInDanger ? memoryWords(waiting) : statusWords(status, waiting).words}
    </div>
  );
}
