import { useCallback, useEffect, useState } from "react";
import { sentenceOf } from "../../api/client";

/** A list that the server keeps, and what went wrong with it. */
export function useItems<T>(load: () => Promise<{ items: T[] }>) {
  const [items, setItems] = useState<T[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = useCallback(async (act: () => Promise<unknown>): Promise<void> => {
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  }, []);
  const reload = useCallback(() => attempt(async () => setItems((await load()).items)), [attempt, load]);
  useEffect(() => void reload(), [reload]);
  return { items, problem, attempt, reload };
}
