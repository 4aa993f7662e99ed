// <div data-human-check="address">: its buttons bring another question without loading the page.
// When that fails the button does what it does without a script: it sends the form, and the server asks again.
for (const check of document.querySelectorAll("[data-human-check]")) {
  const [key, answer] = check.querySelectorAll("input");
  const status = check.querySelector("[role=status]");
  const sound = check.querySelector("audio");
  const show = (question) => {
    key.value = question.key;
    answer.value = "";
    answer.inputMode = question.kind === "picture" ? "text" : "numeric";
    if (question.image_url) check.querySelector("img").src = question.image_url;
    check.querySelector("[data-question]").textContent = question.question;
    for (const part of check.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== question.kind;
    status.textContent = "";
    requestAnimationFrame(() => { status.textContent = status.dataset.said; });
    answer.focus();
    // Who presses "Listen instead" wants to hear, with the caret already where the digits go.
    // A browser that wants a press on the player itself says no; the player is there.
    if (question.audio_url) {
      sound.src = question.audio_url;
      sound.play().catch(() => {});
    } else {
      sound.pause();
    }
  };
  check.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    try {
      const response = await fetch(check.dataset.humanCheck, {
        method: "POST",
        headers: { "X-CSRFToken": button.form.elements.csrfmiddlewaretoken.value },
        body: new URLSearchParams({ kind: button.value }),
      });
      if (!response.ok) throw new Error(response.status);
      show(await response.json());
    } catch {
      button.form.requestSubmit(button);
    }
  });
}
