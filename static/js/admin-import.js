// How far an import is, asked every two seconds; once it is done, the page shows the report.
const box = document.querySelector("[data-import]");
const ask = async () => {
  try {
    const answer = await fetch(box.dataset.import, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const state = await answer.json();
      if (!state.working) return location.reload();
      box.querySelector("progress").value = state.percent;
      box.querySelector("[data-import-text]").textContent = state.text;
    }
  } catch {
    // The network comes back, or the link “Look again” is there.
  }
  setTimeout(ask, 2000);
};
if (box) setTimeout(ask, 2000);
