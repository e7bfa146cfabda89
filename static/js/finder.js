/* Filters that show their results at once (a form with data-module): the page of the new address is fetched, and only
   what differs is put in. Whatever fails becomes an ordinary navigation; without JavaScript all of them are.

   data-swaps  selectors of what comes from the fetched page: its results, and links that carry the filters.
   The heading of the results, in a role=status that stays, tells what was found; it takes the focus when the reader
   sent the form or followed a link, not when they are still choosing. */

const HEADING = "#results-title";

export default function find(form) {
  const path = new URL(form.action).pathname;
  let shown = location.pathname + location.search;
  let asked;

  function address() {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) query.append(name, value.trim());
    // A page of choices stays one, of the same choices.
    const choices = new URLSearchParams(location.search).get("choix");
    if (choices) query.set("choix", choices);
    const text = query.toString();
    return path + (text && `?${text}`);
  }

  async function load(url, { isNew = true, takesFocus = false } = {}) {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    const results = document.querySelector(HEADING).closest("section");
    results.setAttribute("aria-busy", "true");
    try {
      if (url !== shown) {
        const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
        const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
        if (!response.ok || response.redirected || !fresh.querySelector(HEADING)) throw new Error(response.status);
        signal.throwIfAborted();
        if (isNew) history.pushState(null, "", url);
        shown = url;
        put(fresh);
      }
    } catch {
      if (!signal.aborted) location.assign(url);
      return;
    }
    results.removeAttribute("aria-busy");
    if (takesFocus) document.querySelector(HEADING).focus();
  }

  function put(fresh) {
    const form2 = fresh.querySelector("form[data-swaps]");
    for (const selector of form.dataset.swaps.split(", ")) {
      const [old, young] = [document, fresh].map((page) => page.querySelector(selector));
      if (!old || !young) continue;
      const frame = old.querySelector("iframe");
      const link = young.querySelector("a[data-map-frame]");
      if (frame && link) {
        // An open map stays open, with the new places.
        old.querySelector("a[data-map-frame]").href = link.href;
        const map = new URL(link.href);
        map.searchParams.set("fond", "osm");
        frame.contentWindow.location.replace(map);
      } else if (old.innerHTML !== young.innerHTML) {
        old.replaceChildren(...young.childNodes);
      }
      old.hidden = young.hidden;
    }
    fit(form2);
  }

  // The controls stay where they are, with the counts and the values of the new address.
  function fit(fresh) {
    const typed = document.activeElement;
    for (const old of form.querySelectorAll("select")) {
      const young = fresh.querySelector(`#${old.id}`);
      if (!young) continue;
      const choice = young.value;
      old.replaceChildren(...young.children);
      old.value = choice;
      fitAll(old.parentElement, young.parentElement, "label.tick");
    }
    for (const box of form.querySelectorAll("fieldset input")) {
      const young = fresh.querySelector(`input[name="${box.name}"][value="${CSS.escape(box.value)}"]`);
      box.checked = Boolean(young?.checked);
      if (young) box.parentElement.lastChild.replaceWith(young.parentElement.lastChild);
    }
    for (const field of form.querySelectorAll("input[id]")) {
      const young = fresh.querySelector(`#${field.id}`);
      if (field !== typed && young) field.value = young.value;
    }
    form.querySelectorAll("input[type=hidden]").forEach((field) => field.remove());
    form.prepend(...fresh.querySelectorAll("input[type=hidden]"));
    for (const link of form.querySelectorAll("a")) link.href = fresh.querySelector("form a")?.href ?? link.href;
  }

  function fitAll(old, young, selector) {
    old.querySelectorAll(selector).forEach((one) => one.remove());
    old.append(...young.querySelectorAll(selector));
  }

  // What was chosen while this module was on its way.
  function isTouched() {
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
    const lists = [...form.querySelectorAll("select")];
    const typed = [...form.querySelectorAll("input[id]")].filter((field) => field !== document.activeElement);
    return (
      typed.some((field) => field.value !== field.defaultValue) ||
      boxes.some((box) => box.checked !== box.defaultChecked) ||
      lists.some((list) => list.value !== (list.querySelector("[selected]")?.value ?? ""))
    );
  }

  form.addEventListener("change", () => load(address()));
  form.addEventListener("submit", (event) => {
    // From a page of choices the buttons lead to the list, and to pages of other choices.
    if (new URLSearchParams(location.search).has("choix")) return;
    event.preventDefault();
    load(address(), { takesFocus: true });
  });
  document.querySelector(HEADING).closest("section").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || link.pathname !== path || link.origin !== location.origin || link.hash) return;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    load(link.pathname + link.search, { takesFocus: true });
  });
  addEventListener("popstate", () => {
    const url = location.pathname + location.search;
    if (url !== shown) load(url, { isNew: false });
  });
  if (isTouched()) load(address());
}
