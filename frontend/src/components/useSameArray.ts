import { useRef } from "react";

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** The earlier array as long as a new one holds the same items, so that what depends on it is not computed again. */
export function useSameArray<T>(items: readonly T[]): readonly T[] {
  const kept = useRef(items);
  if (kept.current !== items && !isSame(kept.current, items)) kept.current = items;
  return kept.current;
}
