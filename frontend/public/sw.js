// Opens the page without a network: the newest page and what it has loaded, kept in the browser's cache.
// Nothing of the API goes through here; chats are kept in IndexedDB by the page itself.
const CACHE = "chatsynth-page-1";
const PAGE = "/";
// The server compresses as the browser asks (Vary); what is kept here is always the same.
const KEPT = { ignoreVary: true };
const PATIENCE_MS = 4_000;
const NOT_OURS = /^\/(api|ws|healthz|readyz|metrics)(\/|$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(keepPage().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOldCaches().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "keep") event.waitUntil(keepAll(event.data.urls));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || NOT_OURS.test(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(newestPage(event));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(event));
  else
    event.respondWith(
      fetch(request).catch(() => caches.match(request, KEPT).then((kept) => kept ?? Response.error())),
    );
});

async function keepPage() {
  const response = await fetch(PAGE, { cache: "no-cache" });
  if (response.ok) await keepAsNewest(response);
}

/** The network's page, or after a moment the one that is kept: every address of the page is the same file. */
async function newestPage(event) {
  const kept = await caches.match(PAGE, KEPT);
  const fetched = fetch(event.request).then((response) => {
    // Nobody waits for the keeping: a page that has come is shown.
    if (response.ok && isHtml(response)) event.waitUntil(keepAsNewest(response.clone()));
    // A gateway whose server is away answers, but not with the page.
    return response.status >= 502 && response.status <= 504 && kept ? kept : response;
  });
  if (!kept) return fetched;
  return Promise.race([fetched.catch(() => kept), later(PATIENCE_MS).then(() => kept)]);
}

const isHtml = (response) => (response.headers.get("content-type") ?? "").includes("text/html");
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes the place of the page before once all that it names is kept: what opens without a network is whole. */
async function keepAsNewest(response) {
  const cache = await caches.open(CACHE);
  const before = await (await cache.match(PAGE, KEPT))?.text();
  const html = await response.clone().text();
  if (html === before) return;
  const named = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
  if (!(await keepAll(named))) return;
  await cache.put(PAGE, response);
  await dropAllBut(cache, new Set([PAGE, ...named]));
}

async function dropAllBut(cache, paths) {
  for (const request of await cache.keys())
    if (!paths.has(new URL(request.url).pathname)) await cache.delete(request);
}

/** True when all of these are kept now. */
async function keepAll(urls) {
  const cache = await caches.open(CACHE);
  const missing = [];
  for (const url of urls) if (!(await cache.match(url, KEPT))) missing.push(url);
  const added = await Promise.allSettled(missing.map((url) => cache.add(url)));
  return added.every(({ status }) => status === "fulfilled");
}

/** Their names carry a hash of what is in them, so that a kept one is never stale. */
async function asset(event) {
  const kept = await caches.match(event.request, KEPT);
  if (kept) return kept;
  const response = await fetch(event.request);
  // A device that is full keeps nothing, and shows the page all the same.
  if (response.ok) event.waitUntil(keep(event.request, response.clone()).catch(() => {}));
  return response;
}

async function keep(request, response) {
  const cache = await caches.open(CACHE);
  await cache.put(request, response);
}

async function dropOldCaches() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}
