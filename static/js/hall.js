/* The television of a hall. One tick a second does all: it tells the time, turns the scenes, and asks for this page again.
   What came last stays when the network goes; the dates of the coming days are in it, so that midnight passes too.
   `data-scene`   a scene, shown `data-seconds` long
   `data-rows`    a list whose rows are dealt out by day: “today” or “later”; `data-per` of them at once (upright:
                  `data-per-tall`)
   The worker (hall-worker.js) keeps the page for a television that starts without network. */

const REFRESH = 4 * 60_000;
const RETRY = 30_000;
const PATIENCE = 20_000;
const LARGEST = 1.4; // of the size of the letters, where there are few
const SMALLEST = 0.55; // before words are cut

const html = document.documentElement;
const hall = document.querySelector("[data-hall]");
const tag = `${html.lang}-u-nu-latn`;
const inParis = (options) => new Intl.DateTimeFormat(tag, { timeZone: "Europe/Paris", ...options });
const clock = inParis({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const longDay = inParis({ weekday: "long", day: "numeric", month: "long" });
const isoDay = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Paris", year: "numeric", month: "2-digit", day: "2-digit" });
const upright = matchMedia("(max-aspect-ratio: 1)");
const part = (name) => document.querySelector(`[data-${name}]`);

let rows = [];
let shown = { scene: null, page: 0 };
let minute = "";
let turnsAt = 0;
let refreshesAt = 0;
let isAsking = false;
let isPaused = false;
let text = "";
let offlineSince = null;

/* --- What is shown ----------------------------------------------------------------------------------------------- */

// Which rows are of today, which later, which are over: by the clock, whatever the age of the page.
function deal(now) {
  const today = isoDay.format(now);
  for (const row of rows) {
    const { day, until } = row.dataset;
    const list = day === today ? "today" : "later";
    row.over = day < today || new Date(until) <= now;
    if (!row.over && row.parentElement?.dataset.rows !== list) hall.querySelector(`[data-rows=${list}]`)?.append(row);
  }
  const words = longDay.format(now);
  for (const one of hall.querySelectorAll("[data-date]")) one.textContent = words[0].toUpperCase() + words.slice(1);
  for (const line of hall.querySelectorAll("tr[data-day]")) {
    line.hidden = line.dataset.day < today;
    line.classList.toggle("today", line.dataset.day === today);
  }
}

const current = (list) => rows.filter((row) => row.parentElement === list && !row.over);

// All that one turn shows: each scene, as often as its rows need.
function turns() {
  return [...hall.querySelectorAll("[data-scene]")].flatMap((scene) => {
    const list = scene.querySelector("[data-rows]");
    if (!list) return [{ scene, page: 0 }];
    const count = current(list).length;
    if (!count && !scene.querySelector("[data-nothing]")) return [];
    return Array.from({ length: Math.max(1, Math.ceil(count / per(scene))) }, (_, page) => ({ scene, page }));
  });
}

function per(scene) {
  return Number(upright.matches ? scene.dataset.perTall : scene.dataset.per);
}

function place(all) {
  return all.findIndex(({ scene, page }) => scene.dataset.scene === shown.scene && page === shown.page);
}

function show(step, now) {
  const all = turns();
  if (!all.length) return;
  const at = place(all);
  const index = at < 0 ? 0 : (at + step + all.length) % all.length;
  const { scene, page } = all[index];
  shown = { scene: scene.dataset.scene, page };
  for (const one of hall.querySelectorAll("[data-scene]")) one.hidden = one !== scene;
  const list = scene.querySelector("[data-rows]");
  if (list) {
    const due = current(list);
    const first = page * per(scene);
    for (const row of list.children) row.hidden = true;
    for (const row of due.slice(first, first + per(scene))) row.hidden = false;
    const nothing = scene.querySelector("[data-nothing]");
    if (nothing) nothing.hidden = due.length > 0;
    list.hidden = !due.length;
  }
  fit(scene);
  mark(all.length, index);
  turnsAt = now + Number(scene.dataset.seconds) * 1000;
}

// Few words make larger letters, long ones smaller letters rather than words that nobody sees.
function fit(scene) {
  let size = LARGEST;
  do scene.style.setProperty("--fit", size);
  while ((scene.scrollHeight > scene.clientHeight + 1 || scene.scrollWidth > scene.clientWidth + 1) && (size -= 0.05) > SMALLEST);
}

function mark(count, index) {
  const where = part("where");
  while (where.childElementCount > count) where.lastElementChild.remove();
  while (where.childElementCount < count) where.append(document.createElement("i"));
  [...where.children].forEach((dot, number) => dot.classList.toggle("on", number === index));
}

/* --- New contents ------------------------------------------------------------------------------------------------ */

const files = (page) => [...page.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.getAttribute("href") ?? one.getAttribute("src")).join();

async function refresh(now) {
  isAsking = true;
  refreshesAt = now + RETRY;
  try {
    if (!navigator.onLine) throw new Error("offline");
    const answer = await fetch(location.pathname, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE) });
    // The worker answers in place of a server that does not: a browser writes each failure to its console.
    const status = Number(answer.headers.get("X-Hall-Status") ?? answer.status);
    const found = await answer.text();
    if (status === 404 || status === 410) return void gone(true);
    if (status !== 200 || !found.includes("data-hall")) throw new Error(`${status}`);
    gone(false);
    take(found);
    refreshesAt = now + REFRESH;
    online(true);
  } catch {
    online(false);
  } finally {
    isAsking = false;
  }
}

function take(found) {
  if (found === text) return void keep(); // the worker may have come since
  text = found;
  const page = new DOMParser().parseFromString(found, "text/html");
  // The portal was brought up to date: so is this page.
  if (files(page) !== files(document)) return void location.reload();
  fill(page.querySelector("[data-hall]"));
  keep();
}

function fill(contents) {
  hall.replaceChildren(...document.adoptNode(contents).childNodes);
  begin();
}

function begin() {
  rows = [...hall.querySelectorAll("[data-rows] > li")];
  const now = Date.now();
  deal(now);
  const until = turnsAt;
  show(0, now);
  if (until > now) turnsAt = until;
}

// Not to be seen for now: nothing of it stays on the wall.
function gone(is) {
  part("gone").hidden = !is;
  hall.hidden = is;
  document.querySelector("h1").hidden = is;
  if (is) {
    text = "";
    navigator.serviceWorker?.controller?.postMessage({ forget: true });
    online(true);
  }
}

function online(is) {
  const note = part("offline");
  if (is) offlineSince = null;
  else offlineSince ??= Date.now();
  note.hidden = is;
  if (!is) note.textContent = note.dataset.offline.replace("{time}", clock.format(offlineSince));
}

/* --- The worker ---------------------------------------------------------------------------------------------------- */

// The files that this page is made of.
function parts() {
  const named = document.querySelectorAll("link[rel=stylesheet], script[src], use, img");
  const found = [...named].map((one) => one.getAttribute("href") ?? one.getAttribute("src"));
  const fonts = [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].flatMap((rule) => {
      const address = rule instanceof CSSFontFaceRule && rule.style.getPropertyValue("src").match(/url\("?([^")]+)/)?.[1];
      return address ? [new URL(address, sheet.href).href] : [];
    }),
  );
  return [...new Set([...found, ...fonts].map((one) => new URL(one.split("#")[0], location.href).href))];
}

// Tells the worker what to keep: it drops all else.
function keep() {
  navigator.serviceWorker?.controller?.postMessage({ page: location.pathname, files: parts() });
}

function register() {
  const { worker } = hall.dataset;
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => (refreshesAt = 0));
  navigator.serviceWorker.register(worker).catch(() => {});
}

/* --- Time ---------------------------------------------------------------------------------------------------------- */

function tick() {
  const now = Date.now();
  const words = clock.format(now);
  if (words !== minute) {
    minute = words;
    part("clock").textContent = words;
    deal(now);
    if (place(turns()) < 0) show(0, now);
  }
  // A clock that was put back must not stop the screen.
  if (!isPaused && (now >= turnsAt || turnsAt - now > 120_000)) show(1, now);
  if (!isAsking && (now >= refreshesAt || refreshesAt - now > 2 * REFRESH)) refresh(now);
}

function pause() {
  isPaused = !isPaused;
  part("paused").hidden = !isPaused;
  turnsAt = 0;
}

document.addEventListener("keydown", (event) => {
  const forward = html.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = html.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
  if (event.key === " ") pause();
  else if (event.key === forward) show(1, Date.now());
  else if (event.key === back) show(-1, Date.now());
  else return;
  event.preventDefault();
});
part("pause").addEventListener("click", pause);
upright.addEventListener("change", () => show(0, Date.now()));
addEventListener("offline", () => online(false));
addEventListener("online", () => (refreshesAt = 0));

html.classList.add("turns");
part("clock").hidden = false;
part("pause").hidden = false;
begin();
register();
document.fonts.ready.then(() => show(0, Date.now()));
setInterval(tick, 1000);
tick();
