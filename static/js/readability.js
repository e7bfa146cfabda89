/* While an editor writes French prose: is it easy to read? One quiet line below the field that has the focus.
   `read` computes what portal/core/readability.py does: both are tested against the same examples.
   Words come from the data-readability of the script element (portal/core/wagtail_hooks.py). */

const LONGEST_SENTENCE = 15;
const LONGEST_WORD = 12;
const SHORTEST_SENTENCE = 4;
const WAIT = 900; // milliseconds without a key: nobody is told while typing

const WORD = /\p{L}+(?:[-'’]\p{L}+)*|\p{Nd}+/gu;
const END = /(?<=[.!?…])[\s»”]+(?=[A-ZÀ-Þ«“(\d])|\n+/u;
const ABBREVIATIONS = /(?<!\p{L})(M|Mme|Mlle|Dr|St|Ste|ex|tél|av|bd|n)\.(?=\s)/gu;
const VOWELS = "aeiouyàâäéèêëîïôöùûü";
const NUCLEUS = new RegExp(`eau|ieu|oui|oei|i?ou|[aeo]i|[aeo]u|où|oû|oî|aî|eû|ui|i[aeéèêo]|[${VOWELS}]`, "gu");
const SPELLINGS = [
  [/œ|æ/g, "e"],
  [/aoû/g, "ou"],
  [/qu/g, "k"],
  [/gu(?=[eéèêiy])/g, "g"],
  [/ge(?=[aou])/g, "j"],
  [/(?<=[cg])ue(?=il)/g, "e"],
  [new RegExp(`(?<=[aeou])ill(?=[${VOWELS}])`, "g"), "j"],
  [new RegExp(`(?<=[aeu])il(?![${VOWELS}l])`, "g"), "j"],
  [new RegExp(`(?<=[${VOWELS}])y(?=[${VOWELS}])`, "g"), "j"],
  [/(?<=[bcdfgptv][lr])i(?=[aeéèo])/g, "i."],
  [/aient$/, "ai"],
];

const count = (text, pattern) => (text.match(pattern) ?? []).length;

export function syllablesIn(word) {
  let low = word.toLowerCase().replaceAll("’", "'");
  low = low.split("'").at(-1) || low;
  if (low.includes("-")) {
    return low.split("-").filter(Boolean).reduce((sum, part) => sum + syllablesIn(part), 0) || 1;
  }
  if (/^\p{Nd}+$/u.test(low)) return low.length;
  for (const [pattern, sound] of SPELLINGS) low = low.replace(pattern, sound);
  return Math.max(1, count(low.replace(/es?$/, ""), NUCLEUS) || count(low, NUCLEUS));
}

export function read(text) {
  const sentences = text
    .replace(ABBREVIATIONS, "$1")
    .split(END)
    .map((part) => [part.trim(), part.match(WORD) ?? []])
    .filter(([, words]) => words.length);
  const whole = sentences.filter(([, words]) => words.length >= SHORTEST_SENTENCE);
  const words = whole.reduce((sum, [, found]) => sum + found.length, 0);
  const syllables = whole.reduce((sum, [, found]) => sum + found.reduce((all, word) => all + syllablesIn(word), 0), 0);
  const parts = sentences.flatMap(([, found]) => found.flatMap((word) => word.split(/['’-]/)));
  return {
    words,
    sentences: whole.length,
    syllables,
    score: whole.length ? 207 - (1.015 * words) / whole.length - (73.6 * syllables) / words : null,
    longSentences: whole.filter(([, found]) => found.length > LONGEST_SENTENCE).map(([sentence]) => sentence),
    longWords: [...new Set(parts.filter((part) => part.length > LONGEST_WORD).map((part) => part.toLowerCase()))].sort(),
  };
}

// --- In the admin ----------------------------------------------------------------------------------------------------

const script = document.querySelector("script[data-readability]");
const says = script ? JSON.parse(script.dataset.readability) : null;
const PROSE = "textarea, [contenteditable=true]";
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const cut = (text) => (text.length > 60 ? `${text.slice(0, 57).trim()}…` : text);

function advice(text) {
  const found = read(text);
  if (found.score === null) return "";
  const [, verdict] = says.verdicts.find(([least]) => found.score >= least);
  const average = (found.words / found.sentences).toFixed(1).replace(".", ",");
  const lines = [`${verdict} ${fill(says.average, { count: average })}`];
  const { longSentences, longWords } = found;
  if (longSentences.length === 1) lines.push(fill(says.one_long, { text: cut(longSentences[0]) }));
  if (longSentences.length > 1) {
    lines.push(fill(says.some_long, { count: longSentences.length, text: cut(longSentences[0]) }));
  }
  const low = ` ${text.toLowerCase().replaceAll("’", "'").replace(/[^\p{L}']+/gu, " ")} `;
  const plain = Object.entries(says.plain).filter(([word]) => low.includes(` ${word} `)).slice(0, 3);
  if (plain.length) lines.push(fill(says.simpler, { words: plain.map(([hard, easy]) => `${hard} → ${easy}`).join(" ; ") }));
  if (longWords.length) lines.push(fill(says.long_words, { words: longWords.slice(0, 4).join(", ") }));
  return lines.join(" ");
}

function textOf(field) {
  if (field.value !== undefined) return field.value;
  const blocks = [...field.querySelectorAll("[data-block=true]")];
  return (blocks.length ? blocks.map((block) => block.textContent) : [field.textContent]).join("\n");
}

const hints = new WeakMap();

function hintOf(field) {
  const place = field.closest(".w-field__input");
  if (!place || hints.has(place)) return hints.get(place);
  const hint = document.createElement("p");
  hint.className = "help readability";
  hint.setAttribute("role", "status");
  hints.set(place, hint);
  place.append(hint);
  return hint;
}

function tell(field) {
  const hint = hintOf(field);
  const text = hint && advice(textOf(field));
  // The same words are not said again.
  if (hint && hint.textContent !== text) hint.textContent = text;
}

let timer;

if (says && !document.querySelector(".js-translation-editor")) {
  document.addEventListener("focusin", ({ target }) => target.matches(PROSE) && tell(target));
  document.addEventListener("input", ({ target }) => {
    const field = target.closest?.(PROSE);
    clearTimeout(timer);
    if (field) timer = setTimeout(tell, WAIT, field);
  });
}
