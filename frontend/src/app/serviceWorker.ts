/** Lets the page open without a network. Browsers allow that on https and on localhost only. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker
    .register("/sw.js")
    .then(() => navigator.serviceWorker.ready)
    .then(keepWhatIsLoaded)
    .catch(() => {}); // the page then needs the network to open
}

/** Also what came before the worker was there, or while it was taking over. */
function keepWhatIsLoaded(registration: ServiceWorkerRegistration): void {
  const loaded = new PerformanceObserver((list) => {
    const urls = list.getEntries().flatMap(assetPath);
    if (urls.length > 0) registration.active?.postMessage({ type: "keep", urls });
  });
  loaded.observe({ type: "resource", buffered: true });
}

function assetPath({ name }: PerformanceEntry): string[] {
  const { origin, pathname } = new URL(name, location.href);
  return origin === location.origin && pathname.startsWith("/assets/") ? [pathname] : [];
}
