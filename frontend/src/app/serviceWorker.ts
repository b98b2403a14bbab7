/** Lets the page open without a network. Browsers allow that on https and on localhost only. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker
    .register("/sw.js")
    .then(() => navigator.serviceWorker.ready)
    .then(keepWhatIsLoaded)
    .catch(() => {}); // the page then needs the network to open
}

/** What came before the worker was there. */
function keepWhatIsLoaded({ active }: ServiceWorkerRegistration): void {
  const urls = performance
    .getEntriesByType("resource")
    .map((entry) => new URL(entry.name, location.href))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
    .map((url) => url.pathname);
  active?.postMessage({ type: "keep", urls });
}
