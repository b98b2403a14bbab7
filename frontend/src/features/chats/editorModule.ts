/** The editor is loaded apart from the page, which most people only read. */
export const loadEditor = () => import("./MessageEditor");

const AFTER_AT_MOST_MS = 3_000;

/** Loads the editor while nothing else is to be done, so that it is there when the network is not. */
export function loadEditorWhenIdle(): () => void {
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(() => void loadEditor().catch(() => {}), AFTER_AT_MOST_MS);
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(() => void loadEditor().catch(() => {}), { timeout: AFTER_AT_MOST_MS });
  return () => cancelIdleCallback(asked);
}
