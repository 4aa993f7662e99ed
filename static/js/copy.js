// <button data-copy="what" hidden> and after it <span role="status" data-copied="Copied">: copies, and says so for a while.
// The button is hidden until a script can do its work.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const status = button.nextElementSibling;
  let timer;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    status.textContent = status.dataset.copied;
    clearTimeout(timer);
    timer = setTimeout(() => { status.textContent = ""; }, 3000);
  });
}
