/* Keeps the page on this device, at the click that asks for it, with the files that it needs to be shown; and lists and
   erases what is kept. The worker (keep-worker.js) answers with it when the network does not.

   On the button:  data-worker, data-list  addresses of the worker and of the page that lists what is kept
                   data-done, data-failed  what is said afterwards
                   data-notice             what the kept copy says on top, with {date}
   On the list:    data-date               when a page was kept, with {date}
                   data-path               the list's own address: it is also shown in place of a page that is not kept
   In pages:       data-live               what is only true at this minute, left out of the kept copy */

const PAGES = "kept-pages";
const FILES = "kept-files";

export default function keepOrList(element, tools) {
  return "keptList" in element.dataset ? list(element) : keep(element, tools);
}

// --- Keeping ---------------------------------------------------------------------------------------------------------

async function keep(button, tools) {
  const { worker, list: listPath, done, failed, notice } = button.dataset;
  try {
    await navigator.serviceWorker.register(worker, { scope: "/", updateViaCache: "none" });
    await store(location.pathname, { notice });
    await store(listPath, { isList: true });
    await navigator.serviceWorker.ready;
    tools.say(button, done);
  } catch {
    if (!(await keptPages()).length) await eraseAll();
    tools.say(button, failed);
  }
}

async function store(path, { notice, isList = false }) {
  // Without cookies: what somebody sees once signed in is not kept.
  const response = await fetch(path, { credentials: "omit" });
  if (!response.ok || response.redirected) throw new Error(`${path}: ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const title = page.querySelector("h1") ?? page.querySelector("title");
  const files = filesOf(page);
  const now = new Date();
  for (const element of page.querySelectorAll("[data-live], picture source")) element.remove();
  for (const image of page.querySelectorAll("img[srcset]")) image.removeAttribute("srcset");
  if (notice) page.querySelector("main").prepend(noticeOf(page, notice, now));

  const headers = new Headers(response.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  headers.set("X-Kept-On", now.toISOString());
  headers.set("X-Kept-Title", encodeURIComponent(title.textContent.trim()));
  headers.set("X-Kept-Language", title.closest("[lang]").lang);
  headers.set("X-Kept-Files", JSON.stringify(files));
  if (isList) headers.set("X-Kept-List", page.documentElement.lang);
  await storeFiles(files);
  const pages = await caches.open(PAGES);
  await pages.put(path, new Response(`<!DOCTYPE html>${page.documentElement.outerHTML}`, { headers }));
}

/* The same addresses for ever: files of a page kept long ago are found although the portal has newer ones. */
async function storeFiles(paths) {
  const files = await caches.open(FILES);
  const missing = [];
  for (const path of paths) {
    if (!(await files.match(path, { ignoreVary: true }))) missing.push(path);
  }
  // A picture that does not come is no reason to refuse the page.
  await Promise.allSettled(missing.map((path) => files.add(new Request(path, { credentials: "omit" }))));
}

/* Style sheets, scripts, pictures and the modules of buttons; and what style sheets loaded (fonts). */
function filesOf(page) {
  const found = [
    ...[...page.querySelectorAll("link[rel=stylesheet], link[rel=preload]")].map((one) => one.getAttribute("href")),
    ...[...page.querySelectorAll("script[src], img[src]")].map((one) => one.getAttribute("src")),
    ...[...page.querySelectorAll("use[href]")].map((one) => one.getAttribute("href")),
    ...[...page.querySelectorAll("[data-module]")].map((one) => one.dataset.module),
    ...performance.getEntriesByType("resource").filter((one) => /\.woff2?$/.test(one.name)).map((one) => one.name),
  ];
  const addresses = found.map((one) => new URL(one, location.href)).filter((one) => one.origin === location.origin);
  return [...new Set(addresses.map((one) => one.pathname))];
}

function noticeOf(page, text, date) {
  const notice = page.createElement("p");
  notice.className = "note";
  notice.setAttribute("role", "status");
  notice.textContent = text.replace("{date}", dateOf(date));
  return notice;
}

function dateOf(date) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(date);
}

// --- Listing and erasing ---------------------------------------------------------------------------------------------

async function list(element) {
  const { path, date } = element.dataset;
  const rows = element.querySelector("ul");
  const model = element.querySelector("template");
  element.querySelector("[data-not-kept]").hidden = location.pathname === path;
  for (const page of await keptPages()) {
    const row = model.content.cloneNode(true).firstElementChild;
    const link = row.querySelector("a");
    const erase = row.querySelector("button");
    link.href = page.path;
    link.textContent = page.title;
    link.lang = page.language;
    row.querySelector("[data-date]").textContent = date.replace("{date}", dateOf(page.date));
    erase.setAttribute("aria-label", `${erase.textContent} – ${page.title}`);
    erase.addEventListener("click", async () => {
      await eraseOne(page.path);
      row.remove();
      if (rows.children.length) rows.querySelector("button").focus();
      else empty(element);
    });
    rows.append(row);
  }
  element.querySelector("[data-erase-all]").addEventListener("click", async () => {
    await eraseAll();
    empty(element);
  });
  if (!rows.children.length) empty(element);
}

function empty(element) {
  for (const part of element.children) part.hidden = !part.matches("[role=status]");
  const status = element.querySelector("[role=status]");
  status.textContent = status.dataset.empty;
}

async function keptPages() {
  if (!(await caches.has(PAGES))) return [];
  const pages = await caches.open(PAGES);
  const found = [];
  for (const request of await pages.keys()) {
    const { headers } = await pages.match(request);
    if (headers.has("X-Kept-List")) continue;
    found.push({
      path: new URL(request.url).pathname,
      title: decodeURIComponent(headers.get("X-Kept-Title")),
      language: headers.get("X-Kept-Language"),
      date: new Date(headers.get("X-Kept-On")),
    });
  }
  return found.sort((one, other) => other.date - one.date);
}

/* With the files that no other kept page needs. The last page takes everything with it. */
async function eraseOne(path) {
  const pages = await caches.open(PAGES);
  await pages.delete(path);
  if (!(await keptPages()).length) return eraseAll();
  const needed = new Set();
  for (const request of await pages.keys()) {
    const { headers } = await pages.match(request);
    for (const file of JSON.parse(headers.get("X-Kept-Files"))) needed.add(file);
  }
  const files = await caches.open(FILES);
  for (const request of await files.keys()) {
    if (!needed.has(new URL(request.url).pathname)) await files.delete(request);
  }
}

async function eraseAll() {
  await Promise.all([caches.delete(PAGES), caches.delete(FILES)]);
  const registration = await navigator.serviceWorker.getRegistration("/");
  await registration?.unregister();
}
