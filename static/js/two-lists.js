// <div data-two-lists> in a form: people to tick (name="login") and beside them who is chosen, drawn a slice at a time by
// the server (htmx fetches other slices). A tick shows at once on the right and in the counts; what is not saved travels
// with the form (`add`, `remove`, `was`), and no slice that comes late loses a tick made meanwhile.
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const lists = document.querySelector("[data-two-lists]");
const form = lists.closest("form");
const search = lists.querySelector("[type=search]");
const counter = lists.querySelector("[data-counter]");
const said = lists.querySelector("[data-said]");
const unsaved = form.querySelector("[data-unsaved]");

const inputs = (name) => [...form.querySelectorAll(`input[name=${name}]`)];
const carried = (name) => new Set(inputs(name)[0].value.split(",").filter(Boolean));
const carry = (name, euids) => { inputs(name)[0].value = [...euids].join(","); };
const slice = () => ({ ticks: inputs("login"), was: new Set(inputs("was").map((input) => input.value)) });
const assigned = () => document.getElementById("assigned"); // replaced with each slice

const changes = () => {
  const { ticks, was } = slice();
  const added = carried("add"), removed = carried("remove");
  for (const { value, checked } of ticks) {
    if (checked && !was.has(value)) added.add(value);
    if (!checked && was.has(value)) removed.add(value);
  }
  return { added, removed };
};
// The line on the right of somebody on the left: the form's own line of anybody, with the words beside the tick.
const line = (pattern, tick, present) => {
  const row = pattern.cloneNode(true), words = tick.nextElementSibling.cloneNode(true);
  words.querySelector("[data-power]")?.remove();
  const name = [...words.childNodes].slice(0, -1);
  if ("early" in tick.dataset) words.lastElementChild.replaceWith(row.querySelector("span > span"));
  row.querySelector(".visually-hidden").append(...name.map((node) => node.cloneNode(true)));
  row.querySelector("span").replaceWith(words);
  row.querySelector("button").value = `off-${tick.value}`;
  row.dataset.assigned = tick.value;
  if (present) {
    row.dataset.present = "";
    row.querySelector(".tag").remove();
  }
  row.normalize(); // the space before the name, and the name
  return row;
};
// Everybody who stands on the right or would when ticked, in their order there; gathered once of each that is drawn.
let rows = [], gathered = null;
const gather = (right) => {
  if (right === gathered) return;
  gathered = right;
  const pattern = right.querySelector("template").content.firstElementChild, { ticks, was } = slice();
  const waiting = ticks.filter((tick) => !tick.defaultChecked);
  rows = [...waiting.map((tick) => line(pattern, tick, was.has(tick.value))), ...right.querySelectorAll("li")];
};
const show = (row, next) => {
  if (!row.isConnected) assigned().querySelector("ul").insertBefore(row, next);
  return row;
};

const written = ({ added, removed }) => [[...added].sort(), [...removed].sort()].join("-");

const draw = () => {
  const { added, removed } = changes();
  const right = assigned(), drawn = right.dataset;
  gather(right);
  const n = Number(drawn.chosen) - drawn.added + Number(drawn.removed) + added.size - removed.size;
  let next = null;
  for (const row of [...rows].reverse()) {
    const { assigned: euid, present } = row.dataset;
    if (present === undefined ? added.has(euid) : !removed.has(euid)) next = show(row, next);
    else row.remove();
  }
  counter.textContent = fill(counter.dataset.counter, { n, total: counter.dataset.total });
  right.querySelector("[data-assigned-total]").textContent = n;
  right.querySelector("[data-nobody]").hidden = n > 0;
  const some = added.size + removed.size > 0;
  const words = some ? fill(unsaved.dataset.unsaved, { added: added.size, removed: removed.size }) : "";
  if (unsaved.textContent !== words) unsaved.textContent = words;
  return some;
};

const takeOff = (row) => {
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  const euid = row.dataset.assigned, tick = inputs("login").find(({ value }) => value === euid);
  if (tick) {
    tick.checked = false;
  } else if ("present" in row.dataset) {
    carry("remove", carried("remove").add(euid));
  } else {
    carry("add", [...carried("add")].filter((each) => each !== euid));
  }
  draw();
  (beside?.querySelector("[data-take-off]") ?? search).focus(); // the row with the focus is gone
};

form.addEventListener("change", (event) => { if (event.target.name === "login") draw(); });
form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-take-off]")) {
    event.preventDefault();
    takeOff(button.closest("[data-assigned]"));
  }
  if (button?.value === "everyone") search.value = "";
}, true); // before htmx reads the form
window.addEventListener("pageshow", draw);

// Leaving with something unsaved: the browser asks, unless it is the form or its Cancel that leaves, or the session.
let leaving = false;
window.addEventListener("session:ended", () => { leaving = true; });
form.addEventListener("submit", () => { leaving = true; });
form.querySelector("[data-leave]").addEventListener("click", () => { leaving = true; });
window.addEventListener("beforeunload", (event) => { if (draw() && !leaving) event.preventDefault(); });

// Search as one types, but not in the middle of composing a Chinese character.
const typed = (event) => { if (!event.isComposing) window.htmx.trigger(search, "typed"); };
search.addEventListener("input", typed);
search.addEventListener("compositionend", () => window.htmx.trigger(search, "typed"));

let asked = "", kept = null, focused = "";
const lost = () => { said.textContent = ""; unsaved.textContent = lists.dataset.lost; };
form.addEventListener("htmx:beforeRequest", () => { asked = written(changes()); });
form.addEventListener("htmx:sendError", lost);
form.addEventListener("htmx:responseError", lost);
form.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status === 200 && !detail.xhr.responseText.includes("data-two-lists")) { // the session has ended
    detail.shouldSwap = false;
    lost();
    return;
  }
  const now = changes();
  kept = written(now) === asked ? null : now;
  focused = document.activeElement?.id ?? "";
});
form.addEventListener("htmx:afterSettle", () => {
  if (kept) {
    const { ticks, was } = slice(), here = new Set(ticks.map(({ value }) => value));
    for (const tick of ticks) {
      tick.checked = was.has(tick.value) ? !kept.removed.has(tick.value) : kept.added.has(tick.value);
    }
    carry("add", [...kept.added].filter((euid) => !here.has(euid)));
    carry("remove", [...kept.removed].filter((euid) => !here.has(euid)));
    kept = null;
  }
  draw();
  const list = focused.startsWith("assigned-") ? assigned() : document.getElementById("people");
  said.textContent = list.querySelector(".pages p, .nobody:not([hidden]) p")?.textContent ?? "";
  if (focused && !document.getElementById(focused)) { // its button is not on this slice
    (focused === "everyone" ? search : list.querySelector(".pages button") ?? search).focus();
  }
});
