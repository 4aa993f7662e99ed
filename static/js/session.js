// <div data-session="address" data-seconds="…" hidden>: warns before the session ends and lets the person stay (WCAG 2.2.1).
// Another page of the same person may have been used meanwhile, so the server is asked before anything is shown.
const WARNING = 5 * 60;
const dialog = document.querySelector("[data-session]");
if (dialog) {
  const left = dialog.querySelector("[data-left]");
  const token = dialog.querySelector("[name=csrfmiddlewaretoken]").value;
  const before = { focus: null };
  let ends = Date.now() + Number(dialog.dataset.seconds) * 1000;
  let extendable = true;
  let closed = false;
  let asked = false; // since the warning became due

  const ask = async (method) => {
    const response = await fetch(dialog.dataset.session, { method, headers: { "X-CSRFToken": token }, redirect: "manual" });
    if (!response.ok) return leave();
    const told = await response.json();
    ends = Date.now() + told.seconds * 1000;
    extendable = told.extendable;
  };
  const leave = () => {
    dispatchEvent(new Event("session:ended")); // nothing typed keeps the page open now
    const here = new URLSearchParams({ next: location.pathname + location.search, ended: "1" });
    location.assign(`${dialog.dataset.ended}?${here}`);
  };
  const hide = () => {
    if (dialog.hidden) return;
    dialog.hidden = true;
    before.focus?.focus();
  };
  const show = () => {
    for (const part of dialog.querySelectorAll("[data-extendable], [data-stay]")) part.hidden = !extendable;
    for (const part of dialog.querySelectorAll("[data-final]")) part.hidden = extendable;
    if (!dialog.hidden) return;
    before.focus = document.activeElement;
    tell();
    dialog.hidden = false;
    dialog.focus();
  };
  const tell = () => {
    const values = { minutes: Math.floor(seconds() / 60), seconds: seconds() % 60 };
    left.textContent = left.dataset.left.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  };
  const seconds = () => Math.max(0, Math.round((ends - Date.now()) / 1000));

  dialog.querySelector("[data-stay]").addEventListener("click", async () => {
    await ask("POST");
    asked = false;
    hide();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => { closed = true; hide(); });

  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      closed = true;
      hide();
    }
    if (event.key !== "Tab") return;
    event.preventDefault(); // it stays inside, with its one button
    dialog.querySelector("button:not([hidden])").focus();
  });

  setInterval(async () => {
    if (seconds() > WARNING) {
      asked = closed = false;
      hide();
      return;
    }
    if (!asked || seconds() === 0) {
      asked = true;
      try { await ask("GET"); } catch { /* no network: what is known stands */ }
      if (seconds() > WARNING) return;
      if (seconds() === 0) return leave();
    }
    if (!closed) show();
    tell();
  }, 1000);
}
