/* The weekly grid of opening hours (core/widgets/week.html): one more period a day, one day as the day above.
   Without this script two periods a day can be typed, and the box “as the day above” works when the page is saved. */

(() => {
  const MOST = 8; // WeekInput.MOST

  const rowsOf = (day) => [...day.querySelectorAll("[data-period]")];
  const inputsOf = (day) => [...day.querySelectorAll("input[type=time]")];

  function addPeriod(day) {
    const periods = rowsOf(day);
    const copy = periods.at(-1).cloneNode(true);
    for (const input of copy.querySelectorAll("input")) {
      input.value = "";
      input.removeAttribute("id");
      input.name = input.name.replace(/-\d+-(start|end)$/, `-${periods.length}-$1`);
    }
    periods.at(-1).after(copy);
    const button = day.querySelector("[data-add]");
    if (button) button.hidden = periods.length + 1 >= MOST;
    return copy;
  }

  function copyAbove(day) {
    const above = inputsOf(day.previousElementSibling);
    while (inputsOf(day).length < above.length) addPeriod(day);
    inputsOf(day).forEach((input, rank) => {
      input.value = above[rank]?.value ?? "";
    });
  }

  function ready(grid) {
    for (const button of grid.querySelectorAll("[data-add]")) button.hidden = false;
    grid.dataset.ready = "";
    if (location.hash === `#${grid.id}`) bring(grid);
  }

  // The desk leads here by the address; the admin lays its tabs out after the browser has jumped.
  function bring(grid) {
    const jump = () => setTimeout(() => grid.scrollIntoView({ block: "start" }), 300);
    if (document.readyState === "complete") jump();
    else addEventListener("load", jump, { once: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-week] [data-add]");
    if (button) addPeriod(button.closest("[data-day]")).querySelector("input").focus();
  });

  document.addEventListener("change", (event) => {
    const day = event.target.closest?.("[data-week] [data-day]");
    if (!day) return;
    if (event.target.matches("[data-same]")) {
      if (event.target.checked) copyAbove(day);
      return;
    }
    if (!event.target.matches("input[type=time]")) return;
    const box = day.querySelector("[data-same]");
    if (box) box.checked = false;
    // The days below that said “as the day above” follow.
    for (let next = day.nextElementSibling; next?.querySelector("[data-same]:checked"); next = next.nextElementSibling) {
      copyAbove(next);
    }
  });

  const look = (root) => root.querySelectorAll?.("[data-week]:not([data-ready])").forEach(ready);
  look(document);
  document.addEventListener("DOMContentLoaded", () => look(document));
  // Rows that Wagtail adds to the form later: services, drop-in sessions.
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) look(node.parentNode ?? node);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
