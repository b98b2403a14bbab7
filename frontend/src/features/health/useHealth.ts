import { useCallback, useEffect, useState } from "react";
import { sentenceOf } from "../../api/client";
import { server } from "../../api/endpoints";
import type { ServerHealth } from "../../api/wire";

const REFRESH_MS = 5_000;

export interface Health {
  /** What the server said last, which may be a while ago. */
  known: ServerHealth | null;
  /** Why it is not known better. */
  problem: string | null;
  refresh: () => void;
}

/** Asks the server every few seconds, for as long as somebody looks. */
export function useHealth(): Health {
  const [known, setKnown] = useState<ServerHealth | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const refresh = useCallback(() => {
    server.health().then(
      (health) => {
        setKnown(health);
        setProblem(null);
      },
      (error: unknown) => setProblem(sentenceOf(error)),
    );
  }, []);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") refresh();
    };
    look();
    const looking = setInterval(look, REFRESH_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(looking);
      document.removeEventListener("visibilitychange", look);
    };
  }, [refresh]);
  return { known, problem, refresh };
}
