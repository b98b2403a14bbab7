import type { ReactNode } from "react";
import type { User } from "../api/wire";
import { type Live, LiveContext } from "../features/live/LiveContext";

const never = () => {};

const quiet: Live = {
  command: () => ({ op: crypto.randomUUID(), done: new Promise(never) }),
  openChat: () => never,
  reloadChat: never,
  edit: never,
  onText: () => never,
  setCursor: never,
  onCursors: () => never,
  discardDraft: never,
};

/** Everything live for a signed-in person; all that uses `useLive` stands inside it. */
export function LiveProvider({ children }: { user: User; children: ReactNode }) {
  return <LiveContext value={quiet}>{children}</LiveContext>;
}
