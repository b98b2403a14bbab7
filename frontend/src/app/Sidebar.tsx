import { ActionIcon, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { Link } from "react-router";
import type { User } from "../api/wire";
import { useSidebar } from "../components/SidebarContext";
import { Wordmark } from "../components/Wordmark";
import { ConnectionStatus } from "../features/connection/ConnectionStatus";
import { ImportButton } from "../features/imports/ImportButton";
import { ImportProgress } from "../features/imports/ImportProgress";
import { ChatList } from "../features/library/ChatList";
import type { LibraryView } from "../features/library/librarySlice";
import { NewChatButton } from "../features/library/NewChatButton";
import { NotificationBell } from "../features/notifications/NotificationBell";
import { SearchResults } from "../features/search/SearchResults";
import { AccountMenu } from "./AccountMenu";
import classes from "./Sidebar.module.css";

interface SidebarProps {
  user: User;
  onHelp: () => void;
  onJump: () => void;
}

const VIEWS: { value: LibraryView; label: string }[] = [
  { value: "library", label: "Library" },
  { value: "archived", label: "Archived" },
  { value: "trash", label: "Trash" },
];

export function Sidebar({ user, onHelp, onJump }: SidebarProps) {
  const [view, setView] = useState<LibraryView>("library");
  const [query, setQuery] = useState("");
  const { isHidden, close } = useSidebar();
  return (
    <div className={classes.sidebar}>
      <div className={classes.top}>
        <Link to="/" className={classes.home} aria-label="ChatSynth, home" onClick={close}>
          <Wordmark size={22} />
        </Link>
        <NotificationBell />
        <ImportButton />
        <NewChatButton onCreated={close} />
      </div>
      <div className={classes.search}>
        <SearchBox query={query} onChange={setQuery} />
      </div>
      {query.trim() === "" ? (
        <>
          <SegmentedControl
            className={classes.views}
            size="xs"
            fullWidth
            aria-label="Which chats"
            data={VIEWS}
            value={view}
            onChange={(value) => setView(value as LibraryView)}
          />
          <div className={classes.list}>
            <ChatList key={view} view={view} onOpen={close} />
          </div>
        </>
      ) : (
        <div className={classes.list}>
          <SearchResults query={query} onOpen={close} />
        </div>
      )}
      <ImportProgress />
      <div className={classes.bottom}>
        {isHidden ? <span /> : <ConnectionStatus />}
        <AccountMenu user={user} onHelp={onHelp} onJump={onJump} />
      </div>
    </div>
  );
}

function SearchBox({ query, onChange }: { query: string; onChange: (query: string) => void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === "Escape") {
      onChange("");
      event.currentTarget.blur();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      document
        .querySelector<HTMLElement>('[data-testid="search-result"], #chat-list [tabindex="0"]')
        ?.focus();
    }
  };
  const clear = (
    <Tooltip label="Clear">
      <ActionIcon size="sm" aria-label="Clear the search" onClick={() => onChange("")}>
        <IconX size={14} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <TextInput
      id="search-input"
      data-testid="search-input"
      type="search"
      role="searchbox"
      aria-label="Search titles and texts"
      placeholder="Search"
      value={query}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      leftSection={<IconSearch size={16} />}
      rightSection={query ? clear : <kbd className={classes.key}>/</kbd>}
      classNames={{ input: classes.searchInput }}
    />
  );
}
