// <form data-tick-count>: a list of ticks (name="login") and beside it who is assigned. Counts the ticks, lets people
// appear on the right at once and be taken off there, says what is not saved, and searches without loading the page, so
// that no tick is lost.
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

for (const form of document.querySelectorAll("[data-tick-count]")) {
  const ticks = [...form.querySelectorAll("input[name=login]")];
  const was = new Set([...form.querySelectorAll("input[name=was]")].map((input) => input.value));
  const assigned = new Map([...form.querySelectorAll("[data-assigned]")].map((row) => [row.dataset.assigned, row]));
  const counter = form.querySelector("[data-counter]");
  const total = form.querySelector("[data-assigned-total]");
  const unsaved = form.querySelector("[data-unsaved]");
  const search = form.querySelector("[type=search]");
  const [noneFound, noneAssigned] = form.querySelectorAll(".nobody");

  const count = () => {
    const ticked = ticks.filter((tick) => tick.checked);
    for (const tick of ticks) {
      assigned.get(tick.value).hidden = !tick.checked;
    }
    const added = ticked.filter((tick) => !was.has(tick.value)).length;
    const removed = was.size - (ticked.length - added);
    counter.textContent = fill(counter.dataset.counter, { n: ticked.length, total: ticks.length });
    const present = [...assigned.values()].filter((row) => !row.hidden).length; // people beyond the search among them
    total.textContent = present;
    noneAssigned.hidden = present > 0;
    unsaved.textContent = added || removed ? fill(unsaved.dataset.unsaved, { added, removed }) : "";
  };
  for (const tick of ticks) {
    const row = assigned.get(tick.value);
    const button = row.querySelector("[data-take-off]");
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = [...assigned.values()].filter((each) => !each.hidden);
      const beside = shown[shown.indexOf(row) + 1] ?? shown[shown.indexOf(row) - 1];
      tick.checked = false;
      count();
      (beside?.querySelector("[data-take-off]:not([hidden])") ?? search).focus(); // the row with the focus is gone
    });
  }
  form.addEventListener("change", (event) => { if (ticks.includes(event.target)) count(); });
  window.addEventListener("pageshow", count); // the browser brings ticks back with the page

  const find = () => {
    const wanted = plain(search.value.trim());
    let found = 0;
    for (const tick of ticks) {
      const row = tick.closest("li");
      row.hidden = !plain(row.textContent).includes(wanted);
      if (!row.hidden) found += 1;
    }
    noneFound.hidden = found > 0;
  };
  if (form.dataset.searched === undefined) {
    search.addEventListener("input", find);
    search.form.addEventListener("submit", (event) => { event.preventDefault(); find(); });
  }
}
