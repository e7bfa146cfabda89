/* Opens the map of a link (data-module) in the page, with its streets. Without JavaScript it is a plain link to the map's
   own document.

   data-map-place  on what holds the link, hidden while the map is open
   data-map-close  what the button that closes the map says
   data-map-plain  shows the address as it is, without asking for streets
   data-map-height height of the frame in pixels
   data-map-slot   id of what receives the map, elsewhere than after the place of the link */

export default function open(link) {
  const place = link.closest("[data-map-place]") ?? link.parentElement;
  const address = new URL(link.href);
  // The click is the visitor's request for the streets' images, as the sentence beside the link says.
  if (!("mapPlain" in link.dataset)) address.searchParams.set("fond", "osm");

  const frame = document.createElement("iframe");
  frame.className = "map-frame";
  frame.title = link.textContent.trim();
  frame.src = address.href;
  if (link.dataset.mapHeight) frame.style.height = `${link.dataset.mapHeight}px`;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button light";
  close.textContent = link.dataset.mapClose;
  const opened = document.createElement("div");
  opened.append(close, frame);

  close.addEventListener("click", () => {
    opened.remove();
    place.hidden = false;
    link.focus();
  });
  const slot = document.getElementById(link.dataset.mapSlot);
  if (slot) slot.append(opened);
  else place.after(opened);
  place.hidden = true;
  close.focus();
}
