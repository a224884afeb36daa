/**
 * Saves a sheet while it is answered: what changed goes out by the form's own post, a moment after it was typed.
 * Without a script, and for whoever prefers it, the buttons of the form save as ever.
 */

import { Sheet } from "./sheet.js";

const TYPED = 2500;
const CHOSEN = 700;
const LEFT = 200;
const FIRST_RETRY = 3000;
const LONGEST_RETRY = 60_000;
const PATIENCE = 30_000;
const KEPT_HERE = "What you typed is kept on this page";
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

export function autosave(form) {
  const status = form.querySelector("[data-saved]");
  const sheet = new Sheet(form);
  let timer, sending, unsure;
  let failures = 0;
  let isAskedAgain = false;
  let isReady = false;
  let isLeaving = false;
  status.hidden = false;
  say("Answers are saved as you go.");
  if (sheet.open.length === 0 && sheet.due.length > 0) later(TYPED); // typed before, and put back by the browser

  form.addEventListener("input", (event) => later(isTyped(event.target) ? TYPED : CHOSEN));
  form.addEventListener("change", () => later(CHOSEN));
  form.addEventListener("focusout", (event) => isTyped(event.target) && later(LEFT));
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && sheet.isUnsaved) event.preventDefault();
  });
  window.addEventListener("pageshow", () => (isLeaving = false));

  /** A button waits for what is under way, or it would meet its own answers as somebody else's; offline, it stays. */
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (isReady || (!sending && !unsure && navigator.onLine)) return (isLeaving = true);
    event.preventDefault();
    const { name, value } = event.submitter ?? {};
    const open = sheet.open.length;
    await (sending ?? save());
    if (unsure || sheet.open.length > open) return;
    isReady = true;
    form.requestSubmit(name ? form.querySelector(`button[name="${name}"][value="${value}"]`) : null);
    isReady = false;
  });

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  }

  /** One save at a time; what is typed meanwhile goes with the next. */
  function save() {
    clearTimeout(timer);
    if (isLeaving) return undefined;
    isAskedAgain = sending !== undefined;
    sending ??= send().finally(done);
    return sending;
  }

  function done() {
    sending = undefined;
    if (isAskedAgain) later(LEFT);
    isAskedAgain = false;
  }

  async function send() {
    try {
      if (unsure) await findOut();
      const due = sheet.due;
      if (due.length === 0) return failures === 0 ? undefined : saved(new Date(), 0);
      const { body, sent } = sheet.batch(due);
      unsure = sent;
      await taken(await ask({ method: "POST", body }), sent);
    } catch {
      fail(navigator.onLine ? "Signet cannot be reached" : "you are offline", { isRetried: true });
    }
  }

  /** A save that was never answered may have arrived all the same. */
  async function findOut() {
    const answer = await ask({});
    if (answer.ok && answer.form) sheet.recognize(answer.form, unsure);
    unsure = undefined;
  }

  async function taken(answer, sent) {
    if (answer.status >= 500 || answer.status === 429) {
      return fail("Signet could not take it", { isRetried: true });
    }
    unsure = undefined;
    if (answer.form) return shown(answer, sent);
    if (answer.isHere && (answer.ok || answer.status === 422)) return over(answer);
    const isSignedOut = answer.ok || answer.status === 401 || answer.status === 403;
    fail(isSignedOut ? "you are signed out" : "Signet did not take it", {
      next: isSignedOut ? "Press “Save”: you sign in, and what you typed goes along." : "Press “Save” to see why.",
    });
  }

  function shown(answer, sent) {
    const { more, isAnyKept } = sheet.take(answer.page, sent, answer.ok);
    if (!isAnyKept) return fail("look at what is marked");
    saved(answer.at, more);
  }

  /** The page has no such form any more: the section is not asked, or the assessment is not answered. */
  function over(answer) {
    if (!answer.ok) return fail("it is not answered now, or not by you");
    sheet.settle();
    say(`Saved at ${clock.format(answer.at)}. This section is not asked any more.`);
  }

  function saved(at, more) {
    failures = 0;
    const asked = more === 0 ? "" : more === 1 ? " One more question is asked." : ` ${more} more questions are asked.`;
    const open = sheet.open.length;
    if (open === 0) return say(`Saved at ${clock.format(at)}.${asked}`);
    const waits = open === 1 ? "one answer, which is marked" : `${open} answers, which are marked`;
    say(`Saved at ${clock.format(at)}.${asked} Not saved: ${waits}.`, "failed");
  }

  function fail(why, { isRetried = false, next = "" } = {}) {
    say([`Not saved: ${why}.`, `${KEPT_HERE}.`, next].filter(Boolean).join(" "), "failed");
    if (!isRetried) return;
    later(Math.min(FIRST_RETRY * 2 ** failures, LONGEST_RETRY));
    failures += 1;
  }

  /** What is said already is not said again. */
  function say(words, state = "") {
    if (status.textContent !== words) status.textContent = words;
    status.dataset.state = state;
  }
}

/** Ask for the page of this address; after a save, that is what the form leads to. */
async function ask(options) {
  const signal = AbortSignal.timeout(PATIENCE);
  const answer = await fetch(location.pathname, { credentials: "same-origin", signal, ...options });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return {
    ok: answer.ok,
    status: answer.status,
    at: new Date(answer.headers.get("Date") ?? Date.now()),
    isHere: location.pathname.startsWith(new URL(answer.url).pathname),
    page,
    form: page.querySelector("form[data-behavior=autosave]"),
  };
}

function isTyped(control) {
  return control.matches("textarea, input:not([type=radio], [type=checkbox])");
}
