/* Served as /ecran/ecran.js: the worker of the televisions of the halls. It asks the network first, always; it keeps the
   last page of this television with its files, and shows them when it starts without network. */

const KEPT = "hall";
const scope = new URL(self.registration.scope).pathname;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(start(request));
  else if (address.pathname.startsWith(scope) && address.pathname.endsWith("/")) event.respondWith(page(request));
  else if (request.destination) event.respondWith(fetch(request).catch(() => kept(request)));
});

async function start(request) {
  const answer = await fetch(request).catch(() => null);
  return answer && answer.status < 500 ? answer : kept(request);
}

// A failure is told in a header: the browser would write it to the console of the page, every half minute of a night.
async function page(request) {
  const say = (status) => new Response(null, { headers: { "X-Hall-Status": status } });
  const answer = await fetch(request).catch(() => null);
  if (!answer) return say(0);
  if (!answer.ok) return say(answer.status);
  const copy = answer.clone();
  await caches.open(KEPT).then((store) => store.put(request.url, copy)).catch(() => {});
  return answer;
}

async function kept(request) {
  const store = await caches.open(KEPT);
  return (await store.match(request, { ignoreVary: true })) ?? Response.error();
}

self.addEventListener("message", (event) => {
  const { forget, page: path, files } = event.data;
  event.waitUntil(forget ? caches.delete(KEPT) : tidy(new URL(path, location.origin).href, files));
});

async function tidy(address, files) {
  const store = await caches.open(KEPT);
  const wanted = new Set([address, ...files]);
  const there = new Set();
  for (const { url } of await store.keys()) {
    if (wanted.has(url)) there.add(url);
    else await store.delete(url);
  }
  for (const url of files) {
    if (!there.has(url)) await store.add(url).catch(() => {});
  }
}
