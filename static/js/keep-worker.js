/* Served as /garder.js and registered by the click on “keep on this device” (keep.js), never before. It stores nothing:
   it answers with what that click stored when the network does not. */

const PAGES = "kept-pages";
const FILES = "kept-files";
const PATIENCE = 6000; // milliseconds before a kept page is shown instead of one that does not come
// Never there: shared devices, the admin, what children write. Under the prefixes of languages too.
const NEVER = ["accueil", "admin", "atelier", "ecran", "espace"];
const REFUSED = new RegExp(`^(/[a-z]{2})?/(${NEVER.join("|")})(/|$)`);

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // Where the browser can route by itself, the worker is not even started for these addresses.
  if (!event.addRoutes) return;
  const patterns = NEVER.flatMap((name) => [`/${name}/*`, `/:language/${name}/*`]);
  event.waitUntil(
    Promise.resolve(
      event.addRoutes(patterns.map((pathname) => ({ condition: { urlPattern: { pathname } }, source: "network" }))),
    ).catch(() => {}),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin || REFUSED.test(address.pathname)) return;
  if (request.mode === "navigate") {
    if (request.destination === "document") event.respondWith(page(request, address));
  } else if (["style", "script", "font", "image"].includes(request.destination)) {
    event.respondWith(fetch(request).catch(() => file(request)));
  }
});

async function page(request, address) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(address.pathname, { ignoreSearch: true, ignoreVary: true });
  const network = fetch(request);
  if (!kept) return network.catch(() => list(pages, address.pathname));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  const answer = await Promise.race([network, late]).catch(() => kept);
  return answer.status >= 500 ? kept : answer;
}

async function file(request) {
  const files = await caches.open(FILES);
  return (await files.match(request.url, { ignoreVary: true })) ?? Response.error();
}

/* The list of what is kept, in the language of the address if it was stored in it. */
async function list(pages, path) {
  const language = path.match(/^\/([a-z]{2})\//)?.[1] ?? "fr";
  const found = [];
  for (const request of await pages.keys()) {
    const response = await pages.match(request);
    if (response.headers.has("X-Kept-List")) found.push(response);
  }
  return found.find((one) => one.headers.get("X-Kept-List") === language) ?? found[0] ?? Response.error();
}
