/* The tablet of a reception. A door opens a page of the portal in a frame below the bar; links inside are followed without
   leaving a trace in the history; what leads out of the portal is said, not followed. After a minute of rest everything is
   forgotten. Nothing is stored. Without JavaScript each door is a page of its own with the same frame. */

const REST = 60; // seconds without a touch
const WARNING = 20; // of which these are counted down: WCAG 2.2.1 asks for as many
const RENEWED = 600; // seconds after which a start page that nobody touches is asked for again
const SANDBOX = "allow-scripts allow-same-origin allow-forms";
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove", "input", "scroll"];
const OUT_OF_BOUNDS = /^(\/[a-z]{2})?\/(admin|documents|_util|contact|espace|atelier|accueil|ecran|sur-cet-appareil)(\/|$)/;
const PAPERS = /\.(pdf|ics|csv|xlsx?|docx?|odt|zip)$/i;

const { body } = document;
const html = document.documentElement;
const part = (name) => document.querySelector(`[data-${name}]`);
const place = part("place");
const doors = part("doors");
const back = part("back");
const leaving = part("leaving");
const notice = part("notice");
const begun = Date.now();

let touchedAt = Date.now();
let trail = [];

/* --- The frame ----------------------------------------------------------------------------------------------------- */

const frame = () => place.querySelector("iframe");

function open(address) {
  close();
  const made = document.createElement("iframe");
  made.setAttribute("sandbox", SANDBOX);
  made.title = place.dataset.title;
  made.src = address;
  attach(made);
  place.append(made);
  place.hidden = false;
  doors.hidden = true;
  body.classList.add("is-open");
  made.focus();
}

// With the frame go its history, its fields, its place on the page.
function close() {
  frame()?.remove();
  trail = [];
  back.hidden = true;
  place.hidden = true;
  doors.hidden = false;
  body.classList.remove("is-open");
  hush();
}

function attach(made) {
  made.addEventListener("load", () => enter(made));
  if (made.contentDocument?.readyState === "complete" && made.contentDocument.URL !== "about:blank") enter(made);
}

function enter(made) {
  let inside = null;
  try {
    inside = made.contentDocument;
  } catch {
    // The page of an error of the browser belongs to nobody.
  }
  if (!inside || !inside.querySelector("main")) {
    if (inside?.URL === "about:blank") return;
    home();
    return void tell("failed");
  }
  made.title = inside.title;
  part("place-title").textContent = inside.title;
  // A page in another language takes the bar along.
  if (inside.documentElement.lang !== html.lang && languageLink(inside.documentElement.lang)) {
    const { pathname, search } = inside.location;
    return void leave(`${languageLink(inside.documentElement.lang).href}#${pathname}${search}`);
  }
  const style = inside.createElement("link");
  style.rel = "stylesheet";
  style.href = body.dataset.inside;
  inside.head.append(style);
  for (const link of inside.querySelectorAll("a[href]")) {
    if (/^(tel|sms|mailto|whatsapp):/i.test(link.getAttribute("href"))) link.removeAttribute("href");
    else if (refusal(link) === "outside") link.classList.add("is-outside");
  }
  for (const field of inside.querySelectorAll("input, textarea, form")) field.autocomplete = "off";
  for (const name of TOUCHES) inside.addEventListener(name, touch, { capture: true, passive: true });
  inside.addEventListener("click", follow, true);
  inside.addEventListener("auxclick", follow, true);
  inside.addEventListener("submit", send, true);
  back.hidden = false;
}

function go(address) {
  const inner = frame().contentWindow;
  trail.push(inner.location.href);
  inner.location.replace(address);
}

// Why an address is not opened; nothing when it is.
function refusal(url) {
  if (/^(tel|sms):$/.test(url.protocol)) return "call";
  if (url.origin !== location.origin) return "outside";
  if (PAPERS.test(url.pathname) || /(^|[?&])feuille=/.test(url.search) || url.pathname.includes("/documents/")) return "paper";
  return OUT_OF_BOUNDS.test(url.pathname) ? "send" : "";
}

function follow(event) {
  const link = event.target.closest?.("a[href], area[href]");
  if (!link) return;
  const url = new URL(link.href);
  const refused = refusal(url);
  if (refused) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return void tell(refused, url.host + (url.pathname === "/" ? "" : url.pathname));
  }
  const here = link.ownerDocument.location;
  if (url.pathname === here.pathname && url.search === here.search && url.hash) return;
  if (link.dataset.module || link.dataset.act) return;
  event.preventDefault();
  go(url.href);
}

function send(event) {
  const form = event.target;
  const url = new URL(form.action);
  if (form.method !== "get" || refusal(url)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return void tell("send");
  }
  const values = new URLSearchParams(new FormData(form, event.submitter));
  event.preventDefault();
  event.stopImmediatePropagation();
  url.search = values;
  go(url.href);
}

/* --- The bar ------------------------------------------------------------------------------------------------------- */

const isStart = () => location.pathname === body.dataset.start;
const languageLink = (code) => document.querySelector(`.languages a[hreflang="${CSS.escape(code)}"]`);

function home() {
  if (!isStart()) return void leave(body.dataset.start);
  close();
  scrollTo(0, 0);
  doors.scrollTo(0, 0);
  doors.focus();
}

// To another page of the tablet. Without network the one that is there stays: a browser's own error would never go away.
async function leave(address) {
  if (!navigator.onLine) return false;
  try {
    const answer = await fetch(address, { method: "HEAD" });
    if (!answer.ok) return false;
  } catch {
    return false;
  }
  location.replace(address);
  // Only another page to open: the browser stays on this one.
  if (new URL(address, location.href).pathname === location.pathname) location.reload();
  return true;
}

function tell(name, address = "") {
  part("notice-text").textContent = part("notice-text").dataset[name].replace("{address}", address);
  notice.hidden = false;
}

function hush() {
  notice.hidden = true;
  part("notice-text").textContent = "";
}

part("home").addEventListener("click", (event) => {
  event.preventDefault();
  home();
});
back.addEventListener("click", () => {
  hush();
  if (trail.length) frame().contentWindow.location.replace(trail.pop());
  else home();
});
part("notice-close").addEventListener("click", hush);
for (const link of document.querySelectorAll("[data-door]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open(link.dataset.door);
  });
}
for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    // The page that is open, in that language too.
    const same = frame()?.contentDocument?.querySelector(`link[rel=alternate][hreflang="${CSS.escape(link.hreflang)}"]`);
    const start = link.href.replace(location.pathname.replace(body.dataset.start, ""), "");
    const address = same ? new URL(same.href) : null;
    leave(address ? `${start}#${address.pathname}${address.search}` : start);
  });
}

/* --- Forgetting ---------------------------------------------------------------------------------------------------- */

function touch() {
  touchedAt = Date.now();
  if (leaving.open) {
    leaving.close();
    if (frame()) frame().focus();
  }
}

// Whether somebody may have left something behind.
function isFresh() {
  return isStart() && (html.lang === "fr" || !navigator.onLine) && !frame() && notice.hidden && !scrollY && !doors.scrollTop;
}

function forget() {
  leaving.close();
  touchedAt = Date.now();
  close();
  try {
    sessionStorage.clear();
  } catch {
    // Not to be had: then there is nothing in it.
  }
  scrollTo(0, 0);
  doors.scrollTo(0, 0);
  document.activeElement?.blur();
  if (!isStart() || html.lang !== "fr") leave(body.dataset.french);
}

function tick() {
  const rest = (Date.now() - touchedAt) / 1000;
  if (rest < 0) touchedAt = Date.now(); // the clock was put back
  if (isFresh()) {
    if (leaving.open) leaving.close();
    if (rest >= REST && Date.now() - begun > RENEWED * 1000) {
      touchedAt = Date.now();
      leave(body.dataset.french);
    }
    return;
  }
  const left = Math.ceil(REST - rest);
  if (left <= 0) return void forget();
  if (left > WARNING) return;
  part("count").textContent = left;
  if (!leaving.open) {
    leaving.showModal();
    part("stay").focus();
  }
}

for (const name of TOUCHES) document.addEventListener(name, touch, { capture: true, passive: true });
leaving.addEventListener("cancel", touch);
part("stay").addEventListener("click", touch);
// A page that the browser kept whole is that of the visitor before.
addEventListener("pageshow", (event) => event.persisted && location.reload());
document.addEventListener("contextmenu", (event) => event.preventDefault());

if (frame()) attach(frame());
const asked = location.hash.slice(1);
if (asked) {
  history.replaceState(null, "", location.pathname);
  const url = new URL(asked, location.origin);
  if (asked.startsWith("/") && !refusal(url)) open(url.href);
}
setInterval(tick, 1000);
