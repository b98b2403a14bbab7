import { useCallback } from "react";
import { useAppSelector } from "../../app/hooks";
import { useLive } from "../live/LiveContext";
import { type KeptDraft, selectKeptDrafts } from "./connectionSlice";

/** Texts that the server refused, kept here until the person has copied or discarded them. */
export function useKeptDrafts(): { drafts: KeptDraft[]; discard: (key: string) => void } {
  const live = useLive();
  const discard = useCallback((key: string) => live.discardDraft(key), [live]);
  return { drafts: useAppSelector(selectKeptDrafts), discard };
}
