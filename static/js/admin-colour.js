// A colour can be written or picked: the two fields of each pair follow one another.
for (const pair of document.querySelectorAll("[data-colour]")) {
  const [picker, text] = pair.querySelectorAll("input");
  picker.addEventListener("input", () => {
    text.value = picker.value;
    text.dispatchEvent(new Event("change", { bubbles: true }));
  });
  text.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(text.value)) picker.value = text.value;
  });
}
