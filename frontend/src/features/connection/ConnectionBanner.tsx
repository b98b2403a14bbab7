import { Button } from "@mantine/core";
import { useAppDispatch, useAppSelector } from "../../app/hooks";
import { useSidebar } from "../../components/SidebarContext";
import { signedOut } from "../session/sessionSlice";
import classes from "./Connection.module.css";
import { selectConnection, selectDurability, selectKept } from "./connectionSlice";
import { statusWords } from "./words";

/** A line over the page when the connection asks for attention: on a phone when it is away, and after a sign-out. */
export function ConnectionBanner() {
  const status = useAppSelector(selectConnection);
  const kept = useAppSelector(selectKept);
  const durability = useAppSelector(selectDurability);
  const dispatch = useAppDispatch();
  const { isHidden } = useSidebar();
  if (status.kind === "signed_out") {
    return (
      <div className={classes.banner} role="status">
        <span>
          {status.reason} {kept > 0 && "What you typed is kept on this device for your next sign-in."}
        </span>
        <Button size="compact-sm" onClick={() => dispatch(signedOut())}>
          Sign in again
        </Button>
      </div>
    );
  }
  const { words, detail } = statusWords(status, kept, durability);
  const isInDanger = durability === "memory" && kept > 0;
  if (!isInDanger && !(isHidden && status.kind === "offline")) return null;
  return (
    <div className={classes.banner} role="status">
      {isInDanger ? detail : words}
    </div>
  );
}
