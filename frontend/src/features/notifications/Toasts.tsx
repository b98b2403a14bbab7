import { notifications } from "@mantine/notifications";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import type { Level } from "../../api/wire";
import { useAppDispatch, useAppSelector } from "../../app/hooks";
import { dismissRefusal, selectRefusals } from "../connection/connectionSlice";
import { dismissToast, selectToasts } from "./notificationsSlice";

const COLOURS: Record<Level, string> = { info: "synth", success: "teal", warning: "yellow", error: "red" };
const SHOWN_MS = 6000;

interface ToastProps {
  level: Level;
  message: string;
  onClick?: (() => void) | undefined;
}

function show({ level, message, onClick }: ToastProps): void {
  notifications.show({
    message,
    color: COLOURS[level],
    autoClose: SHOWN_MS,
    withBorder: true,
    role: level === "error" ? "alert" : "status",
    ...(onClick ? { onClick, style: { cursor: "pointer" } } : {}),
    "data-testid": "toast",
  });
}

/** Brings what the store wants to be said now onto the screen, each once. */
export function Toasts() {
  const toasts = useAppSelector(selectToasts);
  const refusals = useAppSelector(selectRefusals);
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  useEffect(() => {
    for (const { id, level, message, link } of toasts) {
      show({ level, message, onClick: link ? () => void navigate(link) : undefined });
      dispatch(dismissToast(id));
    }
  }, [toasts, dispatch, navigate]);
  useEffect(() => {
    for (const { key, sentence } of refusals) {
      show({ level: "error", message: sentence });
      dispatch(dismissRefusal(key));
    }
  }, [refusals, dispatch]);
  return null;
}
