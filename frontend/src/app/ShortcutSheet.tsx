import { Modal } from "@mantine/core";
import classes from "./ShortcutSheet.module.css";

const MOD = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? "") ? "⌘" : "Ctrl";

const GROUPS: { title: string; keys: [string[], string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      [["/"], "Search titles and texts"],
      [[MOD, "K"], "Jump to a chat or an action"],
      [["?"], "This sheet"],
    ],
  },
  {
    title: "In the lists",
    keys: [
      [["j"], "Next chat or message"],
      [["k"], "Previous chat or message"],
      [["↑", "↓"], "Move in the list of chats"],
      [["Enter"], "Open the chat"],
    ],
  },
  {
    title: "In a chat",
    keys: [
      [["e"], "Edit the message"],
      [["a"], "Add a message below"],
      [["t"], "Change the title"],
      [["Esc"], "Finish editing"],
      [[MOD, "Z"], "Undo your own edits"],
    ],
  },
];

/** All keys on one sheet. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" classNames={{ title: classes.title }}>
      <div className={classes.groups}>
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([combination, words]) => (
                <div key={words} className={classes.line}>
                  <dt>{words}</dt>
                  <dd>
                    {combination.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
