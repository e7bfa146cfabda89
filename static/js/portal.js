/* The one module that public pages load. It shows what only works with JavaScript, does itself what takes a line, and
   fetches the rest at the click that asks for it.
   data-needs   what the device must offer for the (hidden) element to be shown: a name of `offers`
   data-act     what a click does: a name of `acts`
   data-module  a module whose default function a click calls with the element and `tools`; without it, or with Ctrl or
                the middle button, a link stays a link
   data-auto    the module is called as soon as the element is shown
   A form with data-module calls it the first time that it is touched. */

const speech = window.speechSynthesis;

// “fr” from “fr-FR”; some phones write “fr_FR” or “fra”.
function codeOf(tag) {
  try {
    return Intl.getCanonicalLocales(tag.split(/[-_]/)[0])[0];
  } catch {
    return "";
  }
}

const tools = {
  languageOf: (element) => element.closest("[lang]").lang,
  // Of the device itself: other voices would send the text to a third party.
  voice(language) {
    const voices = speech.getVoices().filter((one) => one.localService && codeOf(one.lang) === codeOf(language));
    return voices.find((one) => one.default) ?? voices[0];
  },
  // Tells what came of a click, beside the button.
  say(button, text) {
    button.closest("[data-says]").querySelector("[role=status]").textContent = text;
  },
};

const offers = {
  script: () => true,
  speech() {
    const text = speech && document.querySelector("main h1");
    return text && tools.voice(tools.languageOf(text));
  },
  share: () => navigator.share,
  clipboard: () => navigator.clipboard,
  keep: () => navigator.serviceWorker && window.caches,
  place: () => window.isSecureContext && navigator.geolocation,
  kept: () => navigator.serviceWorker?.controller,
};

const acts = {
  print: () => window.print(),
  share: ({ dataset }) => navigator.share({ title: dataset.title, url: dataset.url }).catch(() => {}),
  copy(button) {
    const { url, done, failed } = button.dataset;
    navigator.clipboard.writeText(url).then(() => tools.say(button, done), () => tools.say(button, failed));
  },
};

function call(element) {
  import(element.dataset.module).then(
    (module) => module.default(element, tools),
    () => element.href && location.assign(element.href),
  );
}

function show() {
  for (const element of document.querySelectorAll("[data-needs][hidden]")) {
    if (!offers[element.dataset.needs]()) continue;
    element.hidden = false;
    if ("auto" in element.dataset) call(element);
  }
}

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-act], [data-module]:not(form)");
  if (!element || "auto" in element.dataset) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (element.dataset.act) return void acts[element.dataset.act](element);
  // Some devices speak only if a click itself asks.
  if (element.closest("[data-needs=speech]")) speech.speak(new SpeechSynthesisUtterance(""));
  call(element);
});

for (const touch of ["focusin", "pointerdown"]) {
  document.addEventListener(touch, ({ target }) => {
    const form = target.closest("form[data-module]:not([data-called])");
    if (!form) return;
    form.dataset.called = "";
    call(form);
  });
}

// The meaning of a word leaves at Escape: its word becomes the target of the address, which keeps the focus there.
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  const near = document.activeElement?.closest(".word")?.querySelector(".word-note");
  const note = document.querySelector(".word-note:target") ?? near;
  if (note) location.replace(`#${note.id}-ici`);
});

show();
// Voices often come after the page.
speech?.addEventListener?.("voiceschanged", show);
