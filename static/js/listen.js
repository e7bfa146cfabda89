/* Reads the page aloud with the voices of the device, sentence by sentence, and marks the sentence that is heard.

   data-listen         on each element to read after the title, in the order of the page; each text in the language of
                       its nearest `lang`
   data-listen-skip    inside one, on what is not read
   data-pause, -resume on the button: what it says while it reads, and while it waits
   data-listen-stop    on the second button, shown meanwhile */

const LONGEST = 180; // characters: Chrome falls silent after some 15 seconds of one utterance
const SKIPPED = "button, script, style, noscript, [hidden], [aria-hidden=true], .word-note, [data-listen-skip]";
const BLOCKS = "p, li, dt, dd, h1, h2, h3, h4, address, blockquote, figcaption, caption, summary, div, section, article";
const PHONE = /(?:\+\d{2,3} )?\d{1,2}(?:[ .]\d{2}){4}\b/g;

const speech = window.speechSynthesis;
const reading = { button: null, stop: null, tools: null, pieces: [], at: 0, turn: 0, isOn: false, utterance: null };

export default function listen(button, tools) {
  if (!reading.button) prepare(button, tools);
  if (reading.isOn) pause();
  else if (reading.pieces.length) resume();
  else start();
}

function prepare(button, tools) {
  const stopButton = button.parentElement.querySelector("[data-listen-stop]");
  Object.assign(reading, { button, tools, stop: stopButton, label: button.querySelector("[data-label]") });
  reading.first = reading.label.textContent;
  stopButton.addEventListener("click", stop);
  document.addEventListener("keydown", (event) => event.key === "Escape" && reading.pieces.length && stop());
  window.addEventListener("pagehide", stop);
}

function start() {
  reading.pieces = collect().filter((piece) => (piece.voice = reading.tools.voice(piece.language)));
  reading.at = 0;
  reading.stop.hidden = false;
  resume();
}

function resume() {
  reading.isOn = true;
  reading.label.textContent = reading.button.dataset.pause;
  speech.cancel();
  setTimeout(speak); // some browsers lose what is said right after a cancel
}

/* Android knows no pause: the sentence is given up, and said again. */
function pause() {
  reading.isOn = false;
  reading.turn += 1;
  reading.label.textContent = reading.button.dataset.resume;
  speech.cancel();
}

function stop() {
  const hadFocus = document.activeElement === reading.stop;
  Object.assign(reading, { pieces: [], isOn: false, turn: reading.turn + 1 });
  reading.label.textContent = reading.first;
  reading.stop.hidden = true;
  unmark();
  speech.cancel();
  if (hadFocus) reading.button.focus();
}

function speak() {
  if (!reading.isOn) return;
  const piece = reading.pieces[reading.at];
  if (!piece) return stop();
  const turn = ++reading.turn;
  const utterance = new SpeechSynthesisUtterance(piece.spoken);
  utterance.voice = piece.voice;
  utterance.lang = piece.voice.lang.replace("_", "-");
  utterance.onend = () => {
    if (turn !== reading.turn) return;
    reading.at += 1;
    speak();
  };
  utterance.onerror = () => turn === reading.turn && stop();
  reading.utterance = utterance; // Chrome forgets to tell the end of an utterance that nobody holds
  mark(piece);
  speech.speak(utterance);
}

// --- What is heard is seen -------------------------------------------------------------------------------------------

function mark({ block, range }) {
  unmark();
  if (window.Highlight) CSS.highlights.set("listen", new Highlight(range));
  else block.classList.add("listening");
  const { top, bottom } = range.getBoundingClientRect();
  if (top < 0 || bottom > window.innerHeight) block.scrollIntoView({ block: "center" });
}

function unmark() {
  CSS.highlights?.delete("listen");
  document.querySelector(".listening")?.classList.remove("listening");
}

// --- From the page to sentences --------------------------------------------------------------------------------------

/* Runs of text of one block and one language, cut into sentences. */
function collect() {
  const runs = [];
  for (const root of document.querySelectorAll("main h1, [data-listen]")) {
    if (root.parentElement.closest("[data-listen]")) continue;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    let isBroken = true;
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeName === "BR") isBroken = true;
      if (node.nodeType !== Node.TEXT_NODE || !isRead(node.parentElement)) continue;
      const block = node.parentElement.closest("tr") ?? node.parentElement.closest(BLOCKS) ?? root;
      const language = reading.tools.languageOf(node.parentElement);
      const run = runs.at(-1);
      if (!isBroken && run.block === block && run.language === language) run.nodes.push(node);
      else runs.push({ block, language, nodes: [node] });
      isBroken = false;
    }
  }
  return runs.flatMap(pieces);
}

function isRead(element) {
  return !element.closest(SKIPPED) && (element.checkVisibility?.() ?? true);
}

function pieces({ block, language, nodes }) {
  const text = nodes.map((node) => node.data).join("");
  return sentences(text, language)
    .map(([start, end]) => ({ block, language, spoken: spoken(text.slice(start, end)), range: rangeOf(nodes, start, end) }))
    .filter((piece) => /[\p{L}\p{N}]/u.test(piece.spoken));
}

function sentences(text, language) {
  const found = Intl.Segmenter
    ? [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)].map((part) => part.segment)
    : (text.match(/[^.!?؟…]+[.!?؟…]*\s*|[.!?؟…]+/g) ?? []);
  const spans = [];
  let start = 0;
  for (const sentence of found) {
    const end = start + sentence.length;
    while (end - start > LONGEST) {
      const part = text.slice(start, start + LONGEST);
      const cut = Math.max(part.lastIndexOf(","), part.lastIndexOf("،"), part.lastIndexOf(";"), part.lastIndexOf(":"));
      const size = (cut > LONGEST / 3 ? cut : part.lastIndexOf(" ")) + 1 || LONGEST;
      spans.push([start, start + size]);
      start += size;
    }
    spans.push([start, end]);
    start = end;
  }
  return spans;
}

/* A telephone number is heard in pairs of digits; a dash is a breath. */
function spoken(text) {
  return text
    .replace(/\s+/g, " ")
    .replace(PHONE, (number) => number.split(/[ .]/).join(", "))
    .replace(/ [–—] /g, ", ")
    .trim();
}

function rangeOf(nodes, start, end) {
  const range = document.createRange();
  let before = 0;
  for (const node of nodes) {
    const after = before + node.data.length;
    if (start >= before && start < after) range.setStart(node, start - before);
    if (end > before && end <= after) range.setEnd(node, end - before);
    before = after;
  }
  return range;
}
