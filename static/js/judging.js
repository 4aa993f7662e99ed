// What the server says of a field that was left stands beside it (<div id="told-…">); here it is tied to the field.
const told = ({ detail: { target } }) => (target.id.startsWith("told-") ? target : null);

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (told(event) && xhr.responseText.includes("<html")) event.detail.shouldSwap = false; // the session has ended
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  const place = told(event);
  if (!place) return;
  const field = place.closest(".field"), error = place.querySelector(".wrong");
  const id = `${place.id.slice("told-".length)}_error`;
  field.classList.toggle("bad", Boolean(error));
  for (const control of field.querySelectorAll("input, select")) {
    const described = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    if (error) described.add(id);
    else described.delete(id);
    control.toggleAttribute("aria-invalid", false);
    if (error) control.setAttribute("aria-invalid", "true");
    if (described.size) control.setAttribute("aria-describedby", [...described].join(" "));
    else control.removeAttribute("aria-describedby");
  }
});
