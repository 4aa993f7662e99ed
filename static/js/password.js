// <div data-password> around a password field, its hidden button and a status: shows what is typed, and hides it again. When
// the form is sent the field is a password again, so that browsers offer to keep it.
// Beside <li data-part="pattern"> it says which parts of the rule are met, judging as the server does: the normalised
// password (NFKC), counted in characters.
const PAUSE = 700; // milliseconds without a key before the parts are said aloud

const put = (place, state) => {
  for (const face of place.querySelectorAll("[data-when]")) face.hidden = !face.dataset.when.split(" ").includes(state);
};

const watch = (list, input, status) => {
  const parts = [...list.querySelectorAll("[data-part]")].map((row) => ({
    row,
    pattern: new RegExp(row.dataset.part, "su"),
    words: row.querySelector("[data-words]").textContent,
  }));
  let said = "";
  let timer;
  const judge = () => {
    const password = input.value.normalize("NFKC");
    const missing = parts.filter(({ row, pattern }) => {
      const met = pattern.test(password);
      put(row, met ? "met" : password ? "missing" : "empty");
      return !met;
    });
    const what = missing.map(({ words }) => words).join(list.dataset.and);
    const now = missing.length ? list.dataset.missing.replace("{what}", () => what) : list.dataset.complete;
    clearTimeout(timer);
    if (!password) said = "";
    else if (now !== said) timer = setTimeout(() => { said = status.textContent = now; }, PAUSE);
  };
  list.hidden = false;
  input.addEventListener("input", judge);
  window.addEventListener("pageshow", judge); // the browser may bring the password back with the page
};

for (const box of document.querySelectorAll("[data-password]")) {
  const [input, button, status] = ["input", "button", "[role=status]"].map((each) => box.querySelector(each));
  const list = box.querySelector(".parts");
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    put(button, shown ? "shown" : "hidden");
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    show(shown);
    status.textContent = shown ? status.dataset.shown : status.dataset.hidden;
  });
  input.form.addEventListener("submit", () => show(false));
  window.addEventListener("pageshow", () => show(false));
  if (list) watch(list, input, status);
}
