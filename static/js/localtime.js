/** Writes a time in the reader's time zone; the title, and what is printed, keep it in UTC. */

const DAY = { day: "numeric", month: "short", year: "numeric" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };
const forms = {
  full: { ...DAY, ...CLOCK, timeZoneName: "short" },
  short: { day: "numeric", month: "short", ...CLOCK },
  day: DAY,
};

export function localtime(time) {
  const form = forms[time.dataset.form];
  if (!form) return;
  time.dataset.utc ??= time.textContent;
  time.dataset.local = new Intl.DateTimeFormat("en-GB", form).format(new Date(time.dateTime));
  time.textContent = time.dataset.local;
}

function write(zone) {
  for (const time of document.querySelectorAll("time[data-utc]")) time.textContent = time.dataset[zone];
}

window.addEventListener("beforeprint", () => write("utc"));
window.addEventListener("afterprint", () => write("local"));
