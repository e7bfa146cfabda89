// A colour can be written or picked: the two fields of a pair follow one another.
document.addEventListener("input", (event) => {
  const pair = event.target.closest("[data-colour]");
  if (!pair) return;
  const [picker, text] = pair.querySelectorAll("input");
  if (event.target === picker) {
    text.value = picker.value;
  } else if (/^#[0-9a-f]{6}$/i.test(text.value)) {
    picker.value = text.value;
  }
});
