// The map of a sheet's position in the page editor: it fills in latitude, longitude, precision and source.
// Leaflet is loaded when the map is asked for, the streets (from another site) when these are.
(() => {
  const STEP = 8; // pixels that an arrow key moves the point by
  const FAR = 10; // how many times as far with Shift
  const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  const field = (name) => document.getElementById(`id_${name}`);

  function set(name, value) {
    const input = field(name);
    if (!input || input.value === String(value)) return;
    input.value = value;
    // Wagtail looks for changes to save and to preview.
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  function point() {
    const read = (name) => Number.parseFloat((field(name)?.value ?? "").replace(",", "."));
    const found = [read("latitude"), read("longitude")];
    return found.every(Number.isFinite) && Math.abs(found[0]) <= 90 && Math.abs(found[1]) <= 180 ? found : null;
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-secondary";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function load([script, sheet]) {
    if (window.L) return Promise.resolve();
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: sheet });
    document.head.append(link);
    return new Promise((done, failed) => {
      const made = Object.assign(document.createElement("script"), { src: script, onload: done, onerror: failed });
      document.head.append(made);
    });
  }

  class PositionMap {
    constructor(root) {
      this.root = root;
      this.config = JSON.parse(root.querySelector("script").textContent);
      this.part = (name) => root.querySelector(`[data-position-${name}]`);
      const { texts } = this.config;
      this.tools = this.part("tools");
      this.showButton = button(texts.show, () => this.show());
      this.tools.append(this.showButton);
      if (this.config.find) this.tools.append(button(texts.find, () => this.find()));
      this.tools.hidden = false;
      for (const name of ["latitude", "longitude"]) field(name)?.addEventListener("change", () => this.follow());
    }

    say(text) {
      this.part("state").textContent = text;
    }

    // --- The map ---
    async show() {
      if (this.map) return;
      this.showButton.remove();
      await load(this.config.leaflet);
      const { texts, middle, tiles } = this.config;
      const canvas = this.part("canvas");
      canvas.hidden = false;
      this.map = L.map(canvas, { zoomControl: false, zoomAnimation: false, fadeAnimation: false, maxZoom: 19 });
      this.map.attributionControl.setPrefix(false);
      L.control.zoom({ zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(this.map);
      const start = point();
      this.map.setView(start ?? middle ?? [46.6, 2.4], start ? 17 : middle ? 12 : 6);
      this.map.on("click", ({ latlng }) => this.move(latlng));
      const place = button(texts.place, () => this.move(this.map.getCenter()));
      this.tools.prepend(place);
      if (tiles) {
        const streets = button(texts.streets, () => {
          const { attribution } = this.config;
          const credit = document.createElement("span");
          credit.textContent = attribution;
          L.tileLayer(tiles, { attribution: credit.innerHTML, maxZoom: 19 }).addTo(this.map);
          streets.remove();
          place.focus();
        });
        place.after(streets);
      }
      this.follow();
      place.focus();
    }

    marker(latlng) {
      const icon = L.divIcon({ className: "position-map__pin", iconSize: [44, 44], iconAnchor: [22, 42] });
      const made = L.marker(latlng, { icon, draggable: true, autoPan: true, alt: "" }).addTo(this.map);
      const element = made.getElement();
      element.setAttribute("aria-label", this.config.texts.marker);
      element.setAttribute("role", "button");
      made.on("dragend", () => this.move(made.getLatLng()));
      element.addEventListener("keydown", (event) => {
        const step = KEYS[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation(); // else the map moves too
        const by = STEP * (event.shiftKey ? FAR : 1);
        const from = this.map.latLngToContainerPoint(made.getLatLng());
        this.move(this.map.containerPointToLatLng(from.add([step[0] * by, step[1] * by])));
        this.map.panInside(made.getLatLng(), { padding: [60, 60], animate: false });
      });
      return made;
    }

    // The fields were written: the point goes there.
    follow() {
      const at = point();
      if (!this.map || !at) return;
      if (this.pin) this.pin.setLatLng(at);
      else this.pin = this.marker(at);
      if (!this.map.getBounds().contains(at)) this.map.setView(at, Math.max(this.map.getZoom(), 17));
    }

    // The point was moved: the fields follow.
    move({ lat, lng }, precision = this.config.exact) {
      const latitude = lat.toFixed(6);
      const longitude = L.Util.wrapNum(lng, [-180, 180], true).toFixed(6);
      this.fill(latitude, longitude, precision);
    }

    fill(latitude, longitude, precision) {
      set("latitude", latitude);
      set("longitude", longitude);
      set("position_precision", precision);
      set("position_source", this.config.editor);
      this.follow();
      const { moved } = this.config.texts;
      this.say(moved.replace("{latitude}", latitude).replace("{longitude}", longitude));
    }

    // --- The address ---
    async find() {
      const { texts } = this.config;
      const answers = this.part("answers");
      answers.replaceChildren();
      const asked = new URLSearchParams();
      for (const name of ["address", "postcode", "municipality"]) asked.set(name, field(name)?.value ?? "");
      if (!asked.get("address").trim() || !(asked.get("postcode") || asked.get("municipality"))) {
        this.say(texts.empty);
        return;
      }
      this.say(texts.looking);
      let found;
      try {
        const response = await fetch(`${this.config.find}?${asked}`, { headers: { Accept: "application/json" } });
        if (!response.ok) throw new Error(response.statusText);
        found = (await response.json()).candidates;
      } catch {
        this.say(texts.failed);
        return;
      }
      if (!found.length) {
        this.say(texts.nothing);
        return;
      }
      this.say(texts.choose);
      const list = document.createElement("ul");
      for (const { label, kind, score, latitude, longitude, precision } of found) {
        const item = document.createElement("li");
        item.append(
          button(`${label} (${kind}, ${score})`, async () => {
            answers.replaceChildren();
            await this.show();
            this.fill(latitude.toFixed(6), longitude.toFixed(6), precision);
            this.map.setView([latitude, longitude], 17);
            this.pin.getElement().focus();
          }),
        );
        list.append(item);
      }
      answers.append(list);
      list.querySelector("button").focus();
    }
  }

  function start() {
    for (const root of document.querySelectorAll("[data-position-map]")) new PositionMap(root);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
