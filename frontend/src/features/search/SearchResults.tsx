import { Button, Loader } from "@mantine/core";
import { IconSearchOff, IconWifiOff } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { Link } from "react-router";
import type { SearchHit } from "../../api/wire";
import { EmptyState } from "../../components/EmptyState";
import { listMove, movedIndex } from "../../components/keyboard";
import { PlatformBadge } from "../../components/PlatformBadge";
import { plainWords } from "./plainWords";
import classes from "./SearchResults.module.css";
import { snippetPieces } from "./snippet";
import { useSearch } from "./useSearch";

interface SearchResultsProps {
  query: string;
  onOpen: () => void;
}

function linkTo(hit: SearchHit): string {
  return `/chats/${hit.chatId}${hit.messageId === null ? "" : `?message=${hit.messageId}`}`;
}

function Snippet({ snippet }: { snippet: string }) {
  let from = 0;
  return (
    <span className={classes.snippet}>
      {snippetPieces(plainWords(snippet)).map(({ text, isHit }) => {
        from += text.length;
        return isHit ? <mark key={from}>{text}</mark> : <span key={from}>{text}</span>;
      })}
    </span>
  );
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const move = listMove(event);
  const links: Element[] = [...event.currentTarget.querySelectorAll("a")];
  const index = document.activeElement ? links.indexOf(document.activeElement) : -1;
  if (move === null || index === -1) return;
  event.preventDefault();
  const target = links[movedIndex(index, move, links.length)];
  if (target instanceof HTMLElement) target.focus();
}

/** What was found in titles and texts, each leading to its message. */
export function SearchResults({ query, onOpen }: SearchResultsProps) {
  const found = useSearch(query);
  switch (found.kind) {
    case "idle":
    case "searching":
      return (
        <div className={classes.waiting} role="status" aria-label="Searching">
          <Loader size="sm" type="dots" />
        </div>
      );
    case "failed":
      return (
        <EmptyState icon={<IconWifiOff size={22} />} title="Search is not available">
          {found.sentence}
        </EmptyState>
      );
    case "found":
      if (found.hits.length === 0) {
        return (
          <EmptyState icon={<IconSearchOff size={22} />} title="Nothing found">
            No chat contains “{query.trim()}”. Fewer or shorter words find more.
          </EmptyState>
        );
      }
      return (
        <nav className={classes.results} aria-label="Search results" onKeyDown={moveFocus}>
          <p className={classes.count} role="status">
            {found.hits.length}
            {found.next === null ? "" : "+"} {found.hits.length === 1 ? "result" : "results"}
          </p>
          {found.hits.map((hit) => (
            <Link
              key={`${hit.chatId}/${hit.messageId}`}
              to={linkTo(hit)}
              className={classes.result}
              data-testid="search-result"
              onClick={onOpen}
            >
              <PlatformBadge platform={hit.platform} />
              <span className={classes.words}>
                <span className={classes.title}>{hit.title || "Untitled chat"}</span>
                <Snippet snippet={hit.snippet} />
              </span>
            </Link>
          ))}
          {found.next !== null && (
            <Button variant="subtle" size="compact-sm" m="sm" onClick={found.loadMore}>
              Show more
            </Button>
          )}
        </nav>
      );
  }
}
