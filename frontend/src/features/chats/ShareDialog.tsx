import { ActionIcon, Button, Modal, NativeSelect, TextInput, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type FormEvent, memo, useState } from "react";
import { sentenceOf } from "../../api/client";
import type { Member, User } from "../../api/wire";
import { useAppSelector } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { PersonAvatar } from "../../components/PersonAvatar";
import { selectConnection } from "../connection/connectionSlice";
import { Refusal } from "../live/LiveContext";
import { useChatView } from "./ChatContext";
import classes from "./ChatPage.module.css";
import type { ChatFrame } from "./chat";
import shareClasses from "./ShareDialog.module.css";

type GivenRole = "editor" | "viewer";

const ROLES: { value: GivenRole; label: string }[] = [
  { value: "editor", label: "may edit" },
  { value: "viewer", label: "may read" },
];

interface ShareDialogProps {
  chat: ChatFrame;
  user: User;
  opened: boolean;
  onClose: () => void;
}

/** Who may see this chat, and the way to let more people in. */
export const ShareDialog = memo(function ShareDialog({ chat, user, opened, onClose }: ShareDialogProps) {
  const { problem, isWaiting, attempt } = useAttempt();
  const isOwner = chat.role === "owner";
  return (
    <Modal opened={opened} onClose={onClose} title="Share this chat" size="md">
      {isOwner && <ShareForm isWaiting={isWaiting} attempt={attempt} />}
      <ErrorNote sentence={problem} />
      <h3 className={shareClasses.heading}>People in this chat</h3>
      <ul className={classes.members}>
        {chat.members.map((member) => (
          <MemberLine
            key={member.userId}
            member={member}
            isMe={member.userId === user.id}
            mayChange={isOwner && member.role !== "owner"}
            attempt={attempt}
          />
        ))}
      </ul>
    </Modal>
  );
});

type Attempt = (act: () => Promise<void>) => Promise<boolean>;

function useAttempt() {
  const [problem, setProblem] = useState<string | null>(null);
  const [isWaiting, setIsWaiting] = useState(false);
  const attempt: Attempt = async (act) => {
    setIsWaiting(true);
    setProblem(null);
    try {
      await act();
      return true;
    } catch (error) {
      setProblem(error instanceof Refusal ? error.message : sentenceOf(error));
      return false;
    } finally {
      setIsWaiting(false);
    }
  };
  return { problem, isWaiting, attempt };
}

function ShareForm({ isWaiting, attempt }: { isWaiting: boolean; attempt: Attempt }) {
  const { commands } = useChatView();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<GivenRole>("editor");
  const isAway = useAppSelector(selectConnection).kind === "offline";
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await attempt(() => commands.share(email.trim(), role))) setEmail("");
  };
  return (
    <form className={shareClasses.form} aria-label="Share this chat" onSubmit={(event) => void submit(event)}>
      <TextInput
        className={shareClasses.email ?? ""}
        type="email"
        name="email"
        aria-label="E-mail of the person"
        placeholder="name@example.org"
        description="Someone with an account on this server"
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        required
        data-autofocus
      />
      <NativeSelect
        aria-label="What this person may do"
        data={ROLES}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as GivenRole)}
      />
      <Button type="submit" loading={isWaiting && !isAway}>
        Share
      </Button>
      {isWaiting && isAway && (
        <p className={shareClasses.away}>Will be shared when the connection is back.</p>
      )}
    </form>
  );
}

interface MemberLineProps {
  member: Member;
  isMe: boolean;
  mayChange: boolean;
  attempt: Attempt;
}

function MemberLine({ member, isMe, mayChange, attempt }: MemberLineProps) {
  const { commands } = useChatView();
  const { userId, name, email, role } = member;
  const removal = isMe ? "Leave this chat" : `Stop sharing with ${name}`;
  return (
    <li className={classes.member}>
      <PersonAvatar name={name} userId={userId} size={32} />
      <span className={classes.memberName}>
        {name}
        {isMe && " (you)"}
        <small>{email}</small>
      </span>
      {mayChange ? (
        <NativeSelect
          size="xs"
          aria-label={`What ${name} may do`}
          data={ROLES}
          value={role}
          onChange={(event) =>
            void attempt(() => commands.share(email, event.currentTarget.value as GivenRole))
          }
        />
      ) : (
        <span className={classes.owner}>
          {role === "owner" ? "owner" : `may ${role === "editor" ? "edit" : "read"}`}
        </span>
      )}
      {(mayChange || (isMe && role !== "owner")) && (
        <Tooltip label={removal}>
          <ActionIcon aria-label={removal} onClick={() => void attempt(() => commands.unshare(userId))}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}
