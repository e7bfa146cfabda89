/* “Around me” (data-module): asks the browser where it is, at the click, and sends the form with that.

   The position is rounded to three decimals, about 100 metres, before anything else is done with it. */

export default function around(button, { say }) {
  const { form } = button;
  const { waiting, refused } = button.dataset;
  say(button, waiting);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      say(button, "");
      const typed = form.querySelector("input[name=near]:not([type=hidden])");
      typed.value = "";
      form.querySelector("input[type=hidden][name=near]")?.remove();
      const here = document.createElement("input");
      here.type = "hidden";
      here.name = "near";
      here.value = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
      typed.before(here);
      form.requestSubmit();
    },
    () => say(button, refused),
    { timeout: 10_000, maximumAge: 60_000 },
  );
}
