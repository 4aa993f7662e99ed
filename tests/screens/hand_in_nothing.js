// The first form that demands something is handed in with nothing in it, past the browser's own check, by its main
// button; false where there is none.
() => {
  const shown = (each) => each.checkVisibility();
  const demands = (form) => [...form.querySelectorAll("[required], .req")].some(shown);
  const form = [...document.querySelectorAll("main form[method=post]")].find(demands);
  if (!form) return false;
  for (const each of form.elements) {
    if (["checkbox", "radio"].includes(each.type)) each.checked = false;
    else if (["INPUT", "TEXTAREA"].includes(each.tagName) && !["hidden", "submit", "file"].includes(each.type)) each.value = "";
  }
  form.noValidate = true;
  const buttons = [...form.querySelectorAll("button:not([type=button]), input[type=submit]")].filter(shown);
  const goesOn = (each) => each.name === "go" && each.value === "on"; // and leaves out what is optional
  const stays = buttons.filter((each) => !goesOn(each));
  const button = stays.find((each) => each.classList.contains("primary")) || stays[0] || buttons[0];
  setTimeout(() => (button ? button.click() : form.requestSubmit()));
  return true;
}
