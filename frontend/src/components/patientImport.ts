const AGAIN_AFTER_MS = 2_000;

/**
 * Loads a part of the page that is fetched when it is first needed. Without a network it waits for it, and does not
 * fail: what failed to load once would be shown as broken for as long as the page is open. When the server answers
 * and does not have that part, the page is older than the server, and only a reload helps.
 */
export async function patiently<T>(load: () => Promise<T>, isThere = serverAnswers): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      if (await isThere()) return await load();
      await moment();
    }
  }
}

const serverAnswers = (): Promise<boolean> =>
  fetch("/healthz", { cache: "no-store" }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Some time, less when the network comes back. */
function moment(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, AGAIN_AFTER_MS);
    window.addEventListener("online", done);
  });
}
