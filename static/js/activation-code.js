// <form data-code-from-address>: the activation code comes in the part of the address that no server sees (#code=…);
// it goes into its field and leaves the address, and so the history.
const form = document.querySelector("[data-code-from-address]");
const code = new URLSearchParams(location.hash.slice(1)).get("code");
if (form && code) {
  form.elements.code.value = code;
  history.replaceState(history.state, "", location.pathname + location.search);
}
