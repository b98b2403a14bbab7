import { patiently } from "../../components/patientImport";

/** The editor is loaded apart from the page, which most people only read. */
const load = () => import("./MessageEditor");

export const loadEditor = () => patiently(load);

const AFTER_AT_MOST_MS = 3_000;

/** Loads the editor while nothing else is to be done, so that it is there when the network is not. */
export function loadEditorWhenIdle(): () => void {
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(() => void load().catch(() => {}), AFTER_AT_MOST_MS);
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(() => void load().catch(() => {}), { timeout: AFTER_AT_MOST_MS });
  return () => cancelIdleCallback(asked);
}
