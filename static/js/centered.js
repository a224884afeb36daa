/** Scrolls a pane to the card its graph is about, which may lie far from the corner. */

export function centered(pane) {
  const card = pane.querySelector("[aria-current]");
  if (!card) return;
  const here = card.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  pane.scrollLeft += here.left + here.width / 2 - frame.left - frame.width / 2;
  pane.scrollTop += here.top + here.height / 2 - frame.top - frame.height / 2;
}
