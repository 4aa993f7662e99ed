// <li data-demo-login> with <code data-for="field"> and a hidden button: puts a demonstration login into the sign-in form.
for (const login of document.querySelectorAll("[data-demo-login]")) {
  const button = login.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => {
    const form = document.querySelector("main form");
    for (const value of login.querySelectorAll("[data-for]")) form.elements[value.dataset.for].value = value.textContent;
    form.querySelector("button").focus();
  });
}
