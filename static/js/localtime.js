/** Writes a time in the reader's time zone; the title keeps the exact UTC time. */

const DAY = { day: "numeric", month: "short", year: "numeric" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };
const forms = {
  full: { ...DAY, ...CLOCK },
  short: { day: "numeric", month: "short", ...CLOCK },
  day: DAY,
};

export function localtime(time) {
  const form = forms[time.dataset.form];
  if (form) time.textContent = new Intl.DateTimeFormat("en-GB", form).format(new Date(time.dateTime));
}
