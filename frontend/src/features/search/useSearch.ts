import { useEffect, useState } from "react";
import { sentenceOf } from "../../api/client";
import { chats } from "../../api/endpoints";
import type { SearchHit } from "../../api/wire";

export type Found =
  | { kind: "idle" }
  | { kind: "searching" }
  | { kind: "found"; hits: SearchHit[]; next: string | null; loadMore: () => void }
  | { kind: "failed"; sentence: string };

const TYPING_PAUSE_MS = 180;

/** What the server finds for a query, asked a moment after the last key. */
export function useSearch(query: string): Found {
  const [found, setFound] = useState<Found>({ kind: "idle" });
  const wanted = query.trim();
  useEffect(() => {
    if (wanted === "") return setFound({ kind: "idle" });
    const abort = new AbortController();
    const ask = async (earlier: SearchHit[], cursor: string | null): Promise<void> => {
      try {
        const page = await chats.search(wanted, cursor, abort.signal);
        const hits = [...earlier, ...page.items];
        setFound({ kind: "found", hits, next: page.next, loadMore: () => void ask(hits, page.next) });
      } catch (error) {
        if (!abort.signal.aborted) setFound({ kind: "failed", sentence: sentenceOf(error) });
      }
    };
    setFound((before) => (before.kind === "found" ? before : { kind: "searching" }));
    const pause = setTimeout(() => void ask([], null), TYPING_PAUSE_MS);
    return () => {
      clearTimeout(pause);
      abort.abort();
    };
  }, [wanted]);
  return found;
}
