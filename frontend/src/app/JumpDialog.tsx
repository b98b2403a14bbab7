import { Modal, TextInput } from "@mantine/core";
import { IconArrowForwardUp, IconFileImport, IconHome, IconSettings } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { PlatformBadge } from "../components/PlatformBadge";
import { useSidebar } from "../components/SidebarContext";
import { selectLibrary } from "../features/library/librarySlice";
import { useAppSelector } from "./hooks";
import classes from "./JumpDialog.module.css";

interface Target {
  path: string;
  words: string;
  icon: ReactNode;
}

const PLACES: Target[] = [
  { path: "/", words: "Home", icon: <IconHome size={16} /> },
  { path: "/imports", words: "Imports", icon: <IconFileImport size={16} /> },
  { path: "/settings", words: "Settings", icon: <IconSettings size={16} /> },
];
const MAX_SHOWN = 9;

/** Every word of the query begins somewhere in the words, in any order. */
function matches(words: string, query: string): boolean {
  const lower = words.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

function useTargets(query: string): Target[] {
  const chats = useAppSelector((state) => selectLibrary(state, "library"));
  return useMemo(() => {
    const targets = chats.map((chat) => ({
      path: `/chats/${chat.id}`,
      words: chat.title || "Untitled chat",
      icon: <PlatformBadge platform={chat.platform} size={14} />,
    }));
    const all = query.trim()
      ? [...targets, ...PLACES]
      : [...targets.slice(0, MAX_SHOWN - PLACES.length), ...PLACES];
    return all.filter(({ words }) => matches(words, query.trim())).slice(0, MAX_SHOWN);
  }, [chats, query]);
}

/** Type a few letters, press Enter, be there. */
export function JumpDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal.Root opened={opened} onClose={onClose} padding={0} yOffset="12vh" size="34rem" radius="lg">
      <Modal.Overlay backgroundOpacity={0.35} blur={2} />
      <Modal.Content aria-label="Jump to">
        <Modal.Body>
          <JumpList onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function JumpList({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const targets = useTargets(query);
  const navigate = useNavigate();
  const sidebar = useSidebar();
  const go = (target: Target | undefined): void => {
    if (!target) return;
    onClose();
    sidebar.close();
    void navigate(target.path);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((index) => Math.max(0, Math.min(targets.length - 1, index + step)));
    else if (event.key === "Enter") go(targets[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        variant="unstyled"
        size="lg"
        data-autofocus
        placeholder="Jump to a chat…"
        aria-label="Jump to a chat"
        role="combobox"
        aria-expanded
        aria-controls="jump-list"
        aria-activedescendant={targets[chosen] ? `jump-${chosen}` : undefined}
        leftSection={<IconArrowForwardUp size={18} />}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        className={classes.input}
      />
      <div id="jump-list" className={classes.list} role="listbox" aria-label="Places">
        {targets.map((target, index) => (
          <button
            key={target.path}
            id={`jump-${index}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={classes.target}
            onPointerMove={() => setChosen(index)}
            onClick={() => go(target)}
          >
            <span className={classes.icon}>{target.icon}</span>
            <span className={classes.words}>{target.words}</span>
          </button>
        ))}
        {targets.length === 0 && <p className={classes.none}>No chat has these words in its title.</p>}
      </div>
    </>
  );
}
