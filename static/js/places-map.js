/* Places on a map that folium made (directory/maps.py): clusters, markers that a keyboard reaches, a legend, popups.

   portalMap.show(map, cluster, config) is the only call of the document's inline script. Texts that people wrote come
   from GeoJSON and reach the page through textContent and attributes only, never as HTML. Ten thousand places are ten
   thousand small objects: what is drawn of one is made when it comes into view, what is told of it when it opens. */
"use strict";

window.portalMap = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const PIN = "M22 42C22 42 5 30 5 17.500C5 8 12.500 2 22 2C31.500 2 39 8 39 17.500C39 30 22 42 22 42Z";

  function element(name, attributes = {}, text = "") {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  function drawn(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  // --- Markers -------------------------------------------------------------------------------------------------------

  // The paper pin of a theme with its pictogram.
  function pin(pictogram, sprite) {
    const svg = drawn("svg", { viewBox: "0 0 44 44", "aria-hidden": "true" });
    svg.append(
      drawn("path", { d: PIN, class: "halo" }),
      drawn("path", { d: PIN, class: "paper" }),
      drawn("use", { href: `${sprite}#${pictogram}`, x: 11, y: 6.5, width: 22, height: 22 }),
    );
    return svg;
  }

  // One icon for all the places that look the same; its drawing is copied when a marker comes into view.
  const PlaceIcon = L.DivIcon.extend({
    options: { html: false, iconSize: [44, 44], iconAnchor: [22, 42], popupAnchor: [0, -38] },
    createIcon(old) {
      const made = L.DivIcon.prototype.createIcon.call(this, old);
      made.append(this.options.drawing.cloneNode(true));
      return made;
    },
  });

  const PlaceMarker = L.Marker.extend({
    onAdd(map) {
      L.Marker.prototype.onAdd.call(this, map);
      const button = this.getElement();
      const { title, lang } = this.place;
      for (const [key, value] of [["aria-label", title], ["lang", lang], ["aria-haspopup", "dialog"]]) {
        button.setAttribute(key, value);
      }
    },
  });

  function iconsOf(config) {
    const looks = new Map(config.themes.map((theme) => [theme.code, theme]));
    const icons = new Map();
    return (code, isApproximate) => {
      const key = `${isApproximate} ${code}`;
      if (!icons.has(key)) {
        const look = looks.get(code) ?? looks.get("");
        const className = `pin pin-${look.ink}${isApproximate ? " pin-approximate" : ""}`;
        icons.set(key, new PlaceIcon({ className, drawing: pin(look.pictogram, config.sprite) }));
      }
      return icons.get(key);
    };
  }

  function marker(place, icon) {
    const made = new PlaceMarker([place.latitude, place.longitude], {
      icon: icon(place.theme, place.isApproximate),
      title: place.title,
      riseOnHover: true,
    });
    made.place = place;
    return made;
  }

  function clusterIcon(count, texts) {
    const html = element("span");
    html.append(
      element("span", { "aria-hidden": "true" }, String(count)),
      element("span", { class: "sr" }, texts.cluster.replace("{count}", String(count))),
    );
    const size = count < 10 ? 46 : count < 100 ? 54 : count < 1000 ? 62 : 70;
    return L.divIcon({ html, className: "cluster", iconSize: [size, size] });
  }

  // --- Places --------------------------------------------------------------------------------------------------------

  // The small form: a feature for each theme, whose properties are columns (directory/points.py).
  function* placesOf(collection, config) {
    for (const { geometry, properties } of collection.features) {
      const approximate = new Set(properties.approximate);
      const translated = new Set(properties.translated);
      for (const [index, [longitude, latitude]] of geometry.coordinates.entries()) {
        yield {
          latitude,
          longitude,
          theme: properties.theme,
          slug: properties.slugs[index],
          title: properties.titles[index],
          lang: translated.has(index) ? config.lang : "fr",
          isApproximate: approximate.has(index),
        };
      }
    }
  }

  function placeOf(feature) {
    const [longitude, latitude] = feature.geometry.coordinates;
    const { title, lang, themes, precision } = feature.properties;
    const isApproximate = precision === "municipality";
    return { latitude, longitude, theme: themes[0] ?? "", title, lang, isApproximate, feature };
  }

  async function read(url) {
    const response = await fetch(url, { headers: { Accept: "application/geo+json" } });
    if (!response.ok) throw new Error(`${response.status} for ${url}`);
    return response.json();
  }

  async function allPlaces(config) {
    if (config.place) return [placeOf(config.place)];
    return [...placesOf(await read(config.points), config)];
  }

  // --- Popups --------------------------------------------------------------------------------------------------------

  function sheetOf(place, config) {
    return place.feature ? place.feature.properties.url : `${config.sheets}${encodeURIComponent(place.slug)}/`;
  }

  function link(href, text, attributes = {}) {
    return element("a", { href, ...attributes }, text);
  }

  // Title and link at once, the rest when it is there.
  function popup(place, config) {
    const content = element("div", { dir: config.dir, class: "place" });
    const title = element("p", { class: "place-title" });
    title.append(link(sheetOf(place, config), place.title, { target: "_top", lang: place.lang, dir: "auto" }));
    const details = element("div", { "aria-live": "polite" });
    const more = element("p");
    more.append(link(sheetOf(place, config), config.texts.sheet, { target: "_top" }));
    content.append(title, details, more);
    if (place.feature) details.append(...detailsOf(place.feature.properties, config));
    else details.append(element("p", {}, config.texts.loading));
    return content;
  }

  function detailsOf(told, { texts }) {
    const lines = [];
    const say = (text, attributes = {}) => text && lines.push(element("p", attributes, text));
    say([told.kind_label, ...told.theme_labels].filter(Boolean).join(" · "), { class: "place-kind" });
    say(told.state, { class: told.is_open ? "opens" : "opens-not" });
    const town = [told.postcode, told.municipality].filter(Boolean).join(" ");
    say([told.address, town].filter(Boolean).join(", "), { lang: "fr", dir: "auto" });
    if (told.precision === "municipality") say(texts.approximate);
    const ways = element("p", { class: "place-ways" });
    if (told.phone) {
      ways.append(link(`tel:${told.phone.replace(/[^\d+]/g, "")}`, told.phone, { dir: "ltr", class: "place-phone" }));
    }
    if (told.directions.startsWith("geo:")) ways.append(link(told.directions, texts.way));
    if (ways.childElementCount) lines.push(ways);
    return lines;
  }

  async function tell(place, opened, map, config) {
    if (place.feature) return;
    const details = opened.getElement().querySelector("[aria-live]");
    try {
      place.feature = await read(`${config.details}${encodeURIComponent(place.slug)}/lieu.geojson`);
      details.replaceChildren(...detailsOf(place.feature.properties, config));
    } catch (error) {
      details.replaceChildren(element("p", {}, config.texts.noDetails));
      console.warn(error);
    }
    if (!opened.isOpen()) return;
    opened.update();
    bringIn(map, opened);
  }

  // Moves the map until a popup is in view, beside the buttons to come closer, which stand above it.
  function bringIn(map, opened) {
    const box = opened.getElement().getBoundingClientRect();
    const frame = map.getContainer().getBoundingClientRect();
    const left = box.left - frame.left - 66;
    const right = box.right - frame.right + 12;
    const top = box.top - frame.top - 12;
    const x = left < 0 ? left : Math.max(0, Math.min(right, left));
    const y = Math.min(top, 0);
    if (x || y) map.panBy([x, y]);
  }

  function open(made, map, config) {
    const { place } = made;
    const maxWidth = Math.max(160, Math.min(320, map.getSize().x - 130));
    const opened = L.popup({ minWidth: Math.min(220, maxWidth), maxWidth, offset: [0, -38], autoPan: false })
      .setLatLng(made.getLatLng())
      .setContent(popup(place, config));
    // Focus is lost with the popup when it was in there: back to the marker. Elsewhere it is where the reader put it.
    opened.on("remove", () => setTimeout(() => {
      if (document.activeElement === document.body) made.getElement()?.focus();
    }));
    opened.openOn(map);
    const box = opened.getElement();
    for (const [key, value] of [["role", "dialog"], ["aria-label", place.title], ["tabindex", "-1"]]) {
      box.setAttribute(key, value);
    }
    const close = box.querySelector(".leaflet-popup-close-button");
    close?.setAttribute("aria-label", config.texts.close);
    close?.setAttribute("title", config.texts.close);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        map.closePopup(opened);
      }
    });
    box.focus({ preventScroll: true });
    bringIn(map, opened);
    void tell(place, opened, map, config);
  }

  // --- The map -------------------------------------------------------------------------------------------------------

  function nameTowns(map, towns) {
    map.createPane("towns");
    for (const [name, latitude, longitude] of towns) {
      const html = element("span", { lang: "fr" }, name);
      const icon = L.divIcon({ html, className: "town", iconSize: null });
      L.marker([latitude, longitude], { icon, pane: "towns", interactive: false, keyboard: false }).addTo(map);
    }
    map.on("zoomend", () => spaceTowns(map));
  }

  // Names that would stand upon the name of a town with more places are left out.
  function spaceTowns(map) {
    const taken = [];
    const pane = map.getPane("towns");
    const names = [...pane.querySelectorAll(".here span"), ...pane.querySelectorAll(".town span")];
    const boxes = names.map((name) => name.getBoundingClientRect());
    names.forEach((name, index) => {
      const box = boxes[index];
      const isFree = taken.every((one) =>
        box.right < one.left || one.right < box.left || box.bottom < one.top || one.bottom < box.top);
      name.classList.toggle("crowded", !isFree);
      if (isFree) taken.push(box);
    });
  }

  // The point that the places are around.
  function showHere(map, { latitude, longitude, label, radius }) {
    L.circle([latitude, longitude], { radius: radius * 1000, className: "around", interactive: false }).addTo(map);
    const icon = L.divIcon({ html: element("span", { dir: "auto" }, label), className: "here", iconSize: null });
    L.marker([latitude, longitude], { icon, pane: "towns", interactive: false, keyboard: false }).addTo(map);
    return L.latLng(latitude, longitude).toBounds(radius * 2000);
  }

  function showNowhere(map, { nowhere: [latitude, longitude, zoom] }) {
    map.setView([latitude, longitude], zoom);
  }

  // The themes of the places, each with its pin; pressed ones are shown alone.
  function showLegend(markers, cluster, config) {
    const byTheme = new Map();
    const known = new Set(config.themes.map(({ code }) => code));
    for (const made of markers) {
      const code = known.has(made.place.theme) ? made.place.theme : "";
      if (!byTheme.has(code)) byTheme.set(code, []);
      byTheme.get(code).push(made);
    }
    if (config.place || !markers.length) return;
    const chosen = new Set();
    const list = element("ul");
    for (const theme of config.themes.filter(({ code }) => byTheme.has(code))) {
      const button = element("button", { type: "button", "aria-pressed": "false" });
      const sign = element("span", { class: `sign pin-${theme.ink}` });
      sign.append(pin(theme.pictogram, config.sprite));
      button.append(
        sign,
        element("span", { lang: theme.lang, dir: "auto" }, theme.name),
        element("span", { class: "count" }, String(byTheme.get(theme.code).length)),
      );
      button.addEventListener("click", () => {
        if (!chosen.delete(theme.code)) chosen.add(theme.code);
        button.setAttribute("aria-pressed", String(chosen.has(theme.code)));
        const shown = chosen.size ? [...chosen].flatMap((code) => byTheme.get(code)) : markers;
        cluster.clearLayers();
        cluster.addLayers(shown);
        say(config.texts.shown.replace("{count}", String(shown.length)));
      });
      const item = element("li");
      item.append(button);
      list.append(item);
    }
    const legend = document.getElementById("map-legend");
    legend.append(list);
    legend.hidden = false;
    legend.open = matchMedia("(min-width: 64rem)").matches;
  }

  function say(text) {
    document.getElementById("map-state").textContent = text;
  }

  // Thousands of markers are added in slices, between which the page answers.
  function added(markers, cluster) {
    return new Promise((resolve) => {
      cluster.options.chunkProgress = (done, total) => done === total && setTimeout(resolve);
      cluster.addLayers(markers);
    });
  }

  // What holds the focus leaves with a crowd that is opened: the first place in view takes it.
  function keepFocus(map, cluster) {
    cluster.on("clusterclick clusterkeypress", ({ layer }) => {
      if (document.activeElement !== layer.getElement()) return;
      const inside = layer.getAllChildMarkers();
      const look = () => {
        if (document.activeElement && document.activeElement !== document.body) return;
        const visible = inside.map((made) => cluster.getVisibleParent(made)?.getElement());
        visible.find(Boolean)?.focus({ preventScroll: true });
      };
      map.once("moveend", () => setTimeout(look, 50));
    });
  }

  async function show(map, cluster, config) {
    const { texts } = config;
    map.attributionControl.setPrefix(false);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      map.panBy = (offset) => L.Map.prototype.panBy.call(map, offset, { animate: false });
    }
    L.control.zoom({ zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    // A button answers to the space bar too; Leaflet only knows Enter.
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === " " && event.target.matches(".pin, .cluster")) {
        event.preventDefault();
        event.target.click();
      }
    });
    cluster.options.iconCreateFunction = (group) => clusterIcon(group.getChildCount(), texts);
    cluster.on("click", ({ layer }) => open(layer, map, config));
    cluster.on("keypress", ({ layer, originalEvent }) => {
      if (originalEvent.key === "Enter") open(layer, map, config);
    });
    keepFocus(map, cluster);
    nameTowns(map, config.towns);
    try {
      const icon = iconsOf(config);
      const markers = (await allPlaces(config)).map((place) => marker(place, icon));
      const bounds = markers.length ? L.latLngBounds(markers.map((made) => made.getLatLng())) : L.latLngBounds([]);
      if (config.here) bounds.extend(showHere(map, config.here));
      if (bounds.isValid()) map.fitBounds(bounds, { padding: [40, 40], maxZoom: 16, animate: false });
      else showNowhere(map, config);
      spaceTowns(map);
      await added(markers, cluster);
      showLegend(markers, cluster, config);
      map.getContainer().dataset.places = String(markers.length);
    } catch (error) {
      showNowhere(map, config);
      say(texts.failed);
      throw error;
    }
  }

  return { show };
})();
