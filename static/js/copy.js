/** Copies the whole text of the code beside the button, and says so for a moment. */

const SHOWN_FOR = 2000;

export function copy(button) {
  const code = button.closest("figure, .digest").querySelector("code");
  const name = button.getAttribute("aria-label");
  const label = button.querySelector("[data-label]");
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  button.after(status);
  button.hidden = false;

  button.addEventListener("click", async () => {
    await write(code);
    say("Copied");
    setTimeout(() => say(""), SHOWN_FOR);
  });

  function say(words) {
    status.textContent = words;
    button.dataset.state = words ? "copied" : "";
    if (name) button.title = words || name;
    if (label) label.textContent = words || "Copy";
  }
}

/** The clipboard belongs to secure pages; elsewhere the text is selected and copied as a person would. */
async function write(code) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(code.textContent);
    return;
  }
  const selection = getSelection();
  selection.selectAllChildren(code);
  document.execCommand("copy");
  selection.removeAllRanges();
}
