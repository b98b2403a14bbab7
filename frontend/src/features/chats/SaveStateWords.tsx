import {
  IconAlertCircle,
  IconAlertTriangle,
  IconCheck,
  IconCloudUpload,
  IconDeviceLaptop,
} from "@tabler/icons-react";
import type { ChatId, MessageId } from "../../api/wire";
import { useAppSelector } from "../../app/hooks";
import { selectSaveState } from "../connection/connectionSlice";
import { saveWords } from "../connection/words";
import classes from "./Message.module.css";

const ICONS = {
  saved: IconCheck,
  sending: IconCloudUpload,
  keeping: IconDeviceLaptop,
  kept: IconDeviceLaptop,
  unkept: IconAlertTriangle,
  refused: IconAlertCircle,
};

interface SaveStateWordsProps {
  chatId: ChatId;
  messageId: MessageId;
  /** Also says that everything is saved, which otherwise goes without saying. */
  isAlwaysShown: boolean;
}

/** Whether a message's text is on the server, in words. */
export function SaveStateWords({ chatId, messageId, isAlwaysShown }: SaveStateWordsProps) {
  const state = useAppSelector((root) => selectSaveState(root, chatId, messageId));
  if (state === "saved" && !isAlwaysShown) return null;
  const Icon = ICONS[state];
  return (
    <span className={classes.saveState} data-testid="save-state" data-state={state} role="status">
      <Icon size={14} aria-hidden />
      {saveWords(state)}
    </span>
  );
}
