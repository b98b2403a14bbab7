import { Button } from "@mantine/core";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { sentenceOf } from "../api/client";
import { EmptyState } from "../components/EmptyState";
import { patiently } from "../components/patientImport";
import { Splash } from "../components/Splash";
import { SessionPages } from "../features/session/SessionPages";
import { loadSession, selectMe, selectSignup } from "../features/session/sessionSlice";
import { useAppDispatch, useAppSelector } from "./hooks";

const SignedIn = lazy(() => patiently(() => import("./SignedIn")));

/** Finds out who is here and shows what they may see. */
export function Gate() {
  const me = useAppSelector(selectMe);
  const signup = useAppSelector(selectSignup);
  const { problem, retry } = useSession();
  switch (me.kind) {
    case "unknown":
      return problem ? (
        <EmptyState title="ChatSynth cannot be reached" action={<Button onClick={retry}>Try again</Button>}>
          {problem}
        </EmptyState>
      ) : (
        <Splash />
      );
    case "first_account":
      return <SessionPages isFirst signup={signup} />;
    case "signed_out":
      return <SessionPages isFirst={false} signup={signup} />;
    case "signed_in":
      return (
        <Suspense fallback={<Splash />}>
          <SignedIn key={me.user.id} user={me.user} />
        </Suspense>
      );
  }
}

function useSession(): { problem: string | null; retry: () => void } {
  const dispatch = useAppDispatch();
  const [problem, setProblem] = useState<string | null>(null);
  const retry = useCallback(() => {
    setProblem(null);
    dispatch(loadSession())
      .unwrap()
      .catch((error: unknown) => setProblem(sentenceOf(error)));
  }, [dispatch]);
  useEffect(retry, [retry]);
  return { problem, retry };
}
