import type { User } from "../api/wire";
import { ImportProvider } from "../features/imports/ImportProvider";
import { LiveProvider } from "./LiveProvider";
import { Shell } from "./Shell";

/** The page of a signed-in person. */
export default function SignedIn({ user }: { user: User }) {
  return (
    <LiveProvider user={user}>
      <ImportProvider>
        <Shell user={user} />
      </ImportProvider>
    </LiveProvider>
  );
}
