// A list in <div id="found"> and the form that narrows it: searched while one types, sorted and turned without loading the
// page. The server draws the same list; what it says went wrong is shown as its own page.
const form = document.getElementById("filters");
const found = document.getElementById("found");
const lost = document.getElementById("lost");
const ask = (event) => window.htmx.trigger(form, event);
const ours = (event) => event.detail.target === found;

// Not in the middle of composing a Chinese character.
document.addEventListener("input", ({ target, isComposing }) => { if (target.form === form && target.type === "search" && !isComposing) ask("typed"); });
document.addEventListener("compositionend", ({ target }) => { if (target.form === form) ask("typed"); });
document.addEventListener("change", ({ target }) => { if (target.form === form && target.type !== "search") ask("chosen"); });

// The address has what was asked, and no more.
document.body.addEventListener("htmx:configRequest", (event) => {
  if (!ours(event)) return;
  const { parameters } = event.detail;
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
});

// A word is one step back, however many letters it has.
let typing = false;
document.body.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  const typed = detail.requestConfig.triggeringEvent?.type === "typed";
  if (typed && typing) detail.history.type = "replace";
  typing = typed;
});

const whole = ({ pathInfo }) => window.location.assign(pathInfo.finalRequestPath);
let turned = false;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (!ours(event)) return;
  const { detail } = event;
  if (detail.xhr.status !== 200 || !detail.xhr.responseText.includes('id="said" data-hx-swap-oob')) { // refused, or the session has ended
    detail.shouldSwap = false;
    detail.isError = false;
    whole(detail);
    return;
  }
  lost.hidden = true;
  turned = found.contains(document.activeElement) && !!document.activeElement.closest(".pages");
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (!ours(event) || !turned) return;
  found.focus({ preventScroll: true }); // its link is gone, or is for another page now
  found.scrollIntoView();
});

document.body.addEventListener("htmx:sendError", (event) => {
  if (!ours(event)) return;
  lost.querySelector("span").textContent = lost.dataset.lost;
  lost.hidden = false;
});
