/* A link to a map (data-map-frame) opens the map in the page, with its streets, when the visitor clicks it.
   Without JavaScript, and with Ctrl or a middle click, it stays a plain link to the map's own document.

   data-map-close  what the button that closes the map says */

function open(link) {
  const place = link.closest("[data-map-place]") ?? link.parentElement;
  const address = new URL(link.href);
  // The click is the visitor's request for the streets' images, as the sentence beside the link says.
  address.searchParams.set("fond", "osm");

  const frame = document.createElement("iframe");
  frame.className = "map-frame";
  frame.title = link.textContent.trim();
  frame.src = address.href;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = link.dataset.mapClose;
  const opened = document.createElement("div");
  opened.append(close, frame);

  close.addEventListener("click", () => {
    opened.remove();
    place.hidden = false;
    link.focus();
  });
  place.after(opened);
  place.hidden = true;
  close.focus();
}

for (const link of document.querySelectorAll("a[data-map-frame]")) {
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link);
  });
}
