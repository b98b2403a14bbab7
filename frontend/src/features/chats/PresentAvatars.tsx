import { Avatar } from "@mantine/core";
import { useMemo } from "react";
import type { ChatId } from "../../api/wire";
import { useAppSelector } from "../../app/hooks";
import { PersonAvatar } from "../../components/PersonAvatar";
import { selectPresent } from "../presence/presenceSlice";
import classes from "./ChatPage.module.css";

const MAX_SHOWN = 4;

/** Who is in this chat just now, besides this tab. */
export function PresentAvatars({ chatId }: { chatId: ChatId }) {
  const present = useAppSelector((state) => selectPresent(state, chatId));
  const people = useMemo(() => [...new Map(present.map((each) => [each.userId, each])).values()], [present]);
  const words = people.length === 0 ? "" : `Also here: ${people.map(({ name }) => name).join(", ")}`;
  return (
    <div
      className={classes.present}
      data-testid="present-avatars"
      role="status"
      aria-label={words || undefined}
    >
      {people.length > 0 && (
        <Avatar.Group spacing={6}>
          {people.slice(0, MAX_SHOWN).map(({ userId, name }) => (
            <PersonAvatar key={userId} userId={userId} name={name} />
          ))}
          {people.length > MAX_SHOWN && <Avatar size={26}>+{people.length - MAX_SHOWN}</Avatar>}
        </Avatar.Group>
      )}
    </div>
  );
}
