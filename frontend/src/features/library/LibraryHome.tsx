import { Accordion, Button } from "@mantine/core";
import { IconFileImport, IconPencilPlus, IconSparkles } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { User } from "../../api/wire";
import { useAppDispatch, useAppSelector } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { PageBar } from "../../components/PageBar";
import { PlatformBadge } from "../../components/PlatformBadge";
import { RelativeTime } from "../../components/RelativeTime";
import { useSidebar } from "../../components/SidebarContext";
import { useImporting } from "../imports/ImportProvider";
import { importDemo } from "../imports/importsSlice";
import classes from "./LibraryHome.module.css";
import { selectLibrary, selectLibraryView } from "./librarySlice";
import { useNewChat } from "./useNewChat";

const RECENT = 6;

/** Where a person begins: at the newest chats, or, with none yet, at the ways to get some. */
export function LibraryHome({ user }: { user: User }) {
  const chats = useAppSelector((state) => selectLibrary(state, "library"));
  const { next } = useAppSelector((state) => selectLibraryView(state, "library"));
  const { isHidden } = useSidebar();
  const isEmpty = chats.length === 0 && next === null;
  const firstName = user.name.trim().split(/\s+/)[0] ?? "";
  return (
    <div className={classes.page}>
      {isHidden && <PageBar />}
      <div className={classes.inner}>{isEmpty ? <Beginning firstName={firstName} /> : <Recent />}</div>
    </div>
  );
}

function Recent() {
  const chats = useAppSelector((state) => selectLibrary(state, "library")).slice(0, RECENT);
  const newChat = useNewChat();
  const { chooseFile } = useImporting();
  return (
    <>
      <h1>Pick up where you left off</h1>
      <ul className={classes.recent}>
        {chats.map((chat) => (
          <li key={chat.id}>
            <Link to={`/chats/${chat.id}`} className={classes.card}>
              <PlatformBadge platform={chat.platform} />
              <span className={classes.cardTitle}>{chat.title || "Untitled chat"}</span>
              <RelativeTime className={classes.cardTime} atMs={chat.updatedAt} />
            </Link>
          </li>
        ))}
      </ul>
      <div className={classes.actions}>
        <Button variant="default" leftSection={<IconPencilPlus size={16} />} onClick={newChat}>
          New chat
        </Button>
        <Button variant="default" leftSection={<IconFileImport size={16} />} onClick={chooseFile}>
          Import an export
        </Button>
      </div>
      <p className={classes.hint}>
        <span>
          <kbd>/</kbd> search
        </span>
        <span>
          <kbd>j</kbd> <kbd>k</kbd> move
        </span>
        <span>
          <kbd>?</kbd> all shortcuts
        </span>
      </p>
    </>
  );
}

function Beginning({ firstName }: { firstName: string }) {
  const { chooseFile } = useImporting();
  const newChat = useNewChat();
  const demo = useDemo();
  return (
    <>
      <h1>Welcome{firstName ? `, ${firstName}` : ""}</h1>
      <p className={classes.lead}>
        Bring your AI chats to one place of your own. Read them, search them, edit them together.
      </p>
      <button type="button" className={classes.drop} onClick={chooseFile}>
        <IconFileImport size={28} stroke={1.5} aria-hidden />
        <strong>Import an export</strong>
        <span>Drop a zip or JSON file from ChatGPT or Claude here, or click to choose one</span>
      </button>
      <div className={classes.actions}>
        <Button
          variant="default"
          leftSection={<IconSparkles size={16} />}
          loading={demo.isStarting}
          onClick={demo.start}
        >
          Look around with a demo library
        </Button>
        <Button variant="default" leftSection={<IconPencilPlus size={16} />} onClick={newChat}>
          Start an empty chat
        </Button>
      </div>
      <ErrorNote sentence={demo.problem} />
      <Accordion variant="default" className={classes.how} chevronPosition="left">
        <Accordion.Item value="chatgpt">
          <Accordion.Control>How to export from ChatGPT</Accordion.Control>
          <Accordion.Panel>
            In ChatGPT open <em>Settings</em>, <em>Data controls</em>, <em>Export data</em>. An e-mail brings
            a link to a zip file, sometimes after a day. Import that zip as it is.
          </Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="claude">
          <Accordion.Control>How to export from Claude</Accordion.Control>
          <Accordion.Panel>
            In Claude open <em>Settings</em>, <em>Privacy</em>, <em>Export data</em>. An e-mail brings a link
            to a zip file. Import that zip as it is.
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

function useDemo() {
  const dispatch = useAppDispatch();
  const [isStarting, setIsStarting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const start = (): void => {
    setIsStarting(true);
    setProblem(null);
    dispatch(importDemo())
      .unwrap()
      .catch(() => setProblem("The demo library could not be imported just now. Please try again."))
      .finally(() => setIsStarting(false));
  };
  return { start, isStarting, problem };
}
