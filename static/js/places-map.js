/* Places on a map that folium made (directory/maps.py): clusters, markers that a keyboard reaches, popups.

   portalMap.show(map, cluster, config) is the only call of the document's inline script. Texts that people wrote come
   from GeoJSON and reach the page through textContent and attributes only, never as HTML. */
"use strict";

window.portalMap = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const PIN = "M22 42C22 42 6 30 6 17C6 8 13 2 22 2C31 2 38 8 38 17C38 30 22 42 22 42Z";

  function element(name, attributes = {}, text = "") {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  function pin(isApproximate) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 44 44");
    svg.setAttribute("aria-hidden", "true");
    const shape = document.createElementNS(SVG, "path");
    shape.setAttribute("d", PIN);
    svg.append(shape);
    return L.divIcon({
      html: svg,
      className: isApproximate ? "pin pin-approximate" : "pin",
      iconSize: [44, 44],
      iconAnchor: [22, 42],
      popupAnchor: [0, -38],
    });
  }

  function clusterIcon(count, texts) {
    const html = element("span");
    html.append(
      element("span", { "aria-hidden": "true" }, String(count)),
      element("span", { class: "sr" }, texts.cluster.replace("{count}", String(count))),
    );
    return L.divIcon({ html, className: "cluster", iconSize: [48, 48] });
  }

  function popup(place, config) {
    const { texts } = config;
    const content = element("div", { dir: config.dir, class: "place" });
    const title = element("p", { class: "place-title" });
    title.append(element("a", { href: place.url, target: "_top", lang: place.lang, dir: "auto" }, place.title));
    content.append(title, element("p", {}, place.kind_label));
    const town = [place.postcode, place.municipality].filter(Boolean).join(" ");
    const address = [place.address, town].filter(Boolean).join(", ");
    if (address) content.append(element("p", { lang: "fr", dir: "auto" }, address));
    if (place.precision === "municipality") content.append(element("p", {}, texts.approximate));
    if (place.phone) {
      const line = element("p");
      const digits = place.phone.replace(/[^\d+]/g, "");
      line.append(element("a", { href: `tel:${digits}`, dir: "ltr", class: "place-phone" }, place.phone));
      content.append(line);
    }
    const more = element("p");
    more.append(element("a", { href: place.url, target: "_top" }, texts.sheet));
    content.append(more);
    return content;
  }

  function marker(feature, config) {
    const [longitude, latitude] = feature.geometry.coordinates;
    const place = feature.properties;
    const made = L.marker([latitude, longitude], {
      icon: pin(place.precision === "municipality"),
      title: place.title,
      alt: place.title,
      riseOnHover: true,
    });
    made.bindPopup(() => popup(place, config), { minWidth: 200, maxWidth: 320 });
    // Leaflet makes the element anew each time that the marker leaves a cluster.
    made.on("add", () => {
      const button = made.getElement();
      button.setAttribute("aria-label", place.title);
      button.setAttribute("lang", place.lang);
      button.setAttribute("aria-haspopup", "dialog");
    });
    made.on("popupopen", ({ popup: opened }) => openedPopup(opened, made, place, config));
    made.on("popupclose", () => {
      // Focus is lost with the popup when it was in there: back to the marker. Elsewhere it is where the reader put it.
      if (document.activeElement === document.body) made.getElement()?.focus();
    });
    return made;
  }

  function openedPopup(opened, made, place, config) {
    const box = opened.getElement();
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", place.title);
    box.setAttribute("tabindex", "-1");
    const close = box.querySelector(".leaflet-popup-close-button");
    close?.setAttribute("aria-label", config.texts.close);
    close?.setAttribute("title", config.texts.close);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        made.closePopup();
      }
    });
    box.focus({ preventScroll: true });
  }

  function nameTowns(map, towns) {
    map.createPane("towns");
    for (const [name, latitude, longitude] of towns) {
      const html = element("span", { lang: "fr" }, name);
      const icon = L.divIcon({ html, className: "town", iconSize: null });
      L.marker([latitude, longitude], { icon, pane: "towns", interactive: false, keyboard: false }).addTo(map);
    }
  }

  function showNowhere(map, { nowhere: [latitude, longitude, zoom] }) {
    map.setView([latitude, longitude], zoom);
  }

  async function featuresOf(config) {
    if (!config.points) return config.features;
    const response = await fetch(config.points, { headers: { Accept: "application/geo+json" } });
    if (!response.ok) throw new Error(`${response.status} for the places`);
    return (await response.json()).features;
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
    nameTowns(map, config.towns);
    try {
      const features = await featuresOf(config);
      const markers = features.filter((feature) => feature.geometry).map((feature) => marker(feature, config));
      cluster.addLayers(markers);
      if (markers.length) map.fitBounds(cluster.getBounds(), { padding: [40, 40], maxZoom: 16, animate: false });
      else showNowhere(map, config);
      map.getContainer().dataset.places = String(markers.length);
    } catch (error) {
      showNowhere(map, config);
      document.getElementById("map-state").textContent = texts.failed;
      throw error;
    }
  }

  return { show };
})();
