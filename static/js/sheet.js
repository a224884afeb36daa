/** A sheet of questions on the page: what of it is saved, and how a fresh page is taken over around the focus. */

const CONFIRMATION = "ok-";

export class Sheet {
  /** What of each question is saved, by its id; and how each part of the page came. */
  #kept = new Map();
  #came = new Map();

  constructor(form) {
    this.form = form;
    const isRefused = this.#questions.some(hasError); // then nothing on the page is known to be saved
    for (const question of this.#questions) {
      this.#kept.set(question.id, isRefused ? "" : said(question, { asItCame: true }));
      this.#came.set(question.id, question.innerHTML);
    }
    for (const part of document.querySelectorAll("[data-part]")) this.#came.set(part.dataset.part, part.innerHTML);
  }

  get #questions() {
    return questionsOf(this.form);
  }

  get #stamps() {
    return stampsOf(this.form);
  }

  /** What a person has to look at: somebody else answered too, or it cannot be kept. */
  get open() {
    return this.#questions.filter(isOpen);
  }

  /** What changed and can be saved by itself; what somebody else answered too waits for a button. */
  get due() {
    return this.#questions.filter((one) => !isInConflict(one) && this.#isChanged(one));
  }

  get isUnsaved() {
    return this.#questions.some((one) => isOpen(one) || this.#isChanged(one));
  }

  #isChanged(question) {
    return said(question) !== this.#kept.get(question.id);
  }

  #note(question, html) {
    this.#kept.set(question.id, said(question));
    this.#came.set(question.id, html);
  }

  /** The form as it would be sent, held to some questions, and what it says of them. */
  batch(questions) {
    const stamps = this.#stamps;
    const body = new FormData(this.form);
    body.set("shown", JSON.stringify(Object.fromEntries(questions.map((one) => [keyOf(one), stamps[keyOf(one)]]))));
    return { body, sent: new Map(questions.map((one) => [one.id, said(one)])) };
  }

  /** Nothing of it waits any more. */
  settle() {
    for (const question of this.#questions) this.#kept.set(question.id, said(question));
  }

  /** See which answers of an earlier save stand on a fresh page, so that they are not taken for another's. */
  recognize(fresh, sent) {
    const stamps = this.#stamps;
    const newer = stampsOf(fresh);
    for (const question of questionsOf(fresh)) {
      const mine = sent.get(question.id);
      if (mine === undefined || gist(said(question)) !== gist(mine)) continue;
      stamps[keyOf(question)] = newer[keyOf(question)];
      this.#kept.set(question.id, mine);
    }
    this.form.elements.shown.value = JSON.stringify(stamps);
  }

  /** Take over what a save came to; return how many questions are new, and whether anything was kept. */
  take(page, sent, isKept) {
    for (const notice of page.querySelectorAll("[data-behavior=errors]")) delete notice.dataset.behavior;
    const fresh = page.querySelector("form[data-behavior=autosave]");
    const stamps = this.#stamps;
    const newer = stampsOf(fresh);
    const coming = questionsOf(fresh);
    const came = { more: 0, isAnyKept: isKept };
    let last = null;
    for (const next of coming) {
      const key = keyOf(next);
      const here = document.getElementById(next.id);
      const isMoved = newer[key] !== undefined && (isKept || newer[key] !== stamps[key]);
      came.isAnyKept ||= sent.has(next.id) && isMoved && !isOpen(next);
      if (!here) {
        this.#add(next, last);
        came.more += 1;
      }
      if (!here || (this.#settled(here, next, sent.get(next.id), isMoved) && isMoved)) stamps[key] = newer[key];
      last = here ?? next;
    }
    this.#leaveOut(new Set(coming.map((one) => one.id)), sent);
    this.form.elements.shown.value = JSON.stringify(stamps);
    this.#takeParts(page);
    return came;
  }

  /** Bring one question up to date; return whether its stamp goes with what it shows now. */
  #settled(here, next, mine, isMoved) {
    if (mine === undefined && (isOpen(here) || this.#isChanged(here))) return false;
    const theirs = said(next);
    const isMine = mine !== undefined;
    const isBusy = here.contains(document.activeElement) || (isMine && said(here) !== mine);
    const html = next.innerHTML;
    const isRefused = isOpen(next);
    if (isBusy) takeAround(here, next);
    else if (html !== this.#came.get(here.id) || said(here) !== theirs) takeWhole(here, next);
    here.toggleAttribute("data-state", false);
    if (next.dataset.state) here.dataset.state = next.dataset.state;
    this.#came.set(here.id, isBusy ? "" : html);
    bind(here);
    if (isMine && (isMoved || isRefused)) this.#kept.set(here.id, isBusy ? mine : said(here));
    if (!isMine && !isBusy) this.#kept.set(here.id, said(here));
    return isRefused || !isBusy || gist(theirs) === gist(isMine ? mine : said(here));
  }

  #add(question, last) {
    if (last) last.after(question);
    else (this.#questions[0] ?? this.form.querySelector("[data-saved]")).before(question);
    this.#note(question, question.innerHTML);
    bind(question);
  }

  /** What is not asked any more goes, unless somebody is at it. */
  #leaveOut(asked, sent) {
    for (const question of this.#questions) {
      if (asked.has(question.id) || question.contains(document.activeElement)) continue;
      if (said(question) !== (sent.get(question.id) ?? this.#kept.get(question.id))) continue;
      question.remove();
    }
  }

  #takeParts(page) {
    for (const next of page.querySelectorAll("[data-part]")) {
      const name = next.dataset.part;
      const here = document.querySelector(`[data-part="${name}"]`);
      const html = next.innerHTML;
      if (!here || html === this.#came.get(name) || here.contains(document.activeElement)) continue;
      if (name === "problems" && next.hidden && this.open.length > 0) continue;
      here.replaceChildren(...next.childNodes);
      here.hidden = next.hidden;
      this.#came.set(name, html);
      bind(here);
    }
  }
}

/** Everything of a question is replaced; a note that was opened stays open. */
function takeWhole(here, next) {
  const isOpened = here.querySelector("details")?.open;
  here.replaceChildren(...next.childNodes);
  const details = here.querySelector("details");
  if (details && isOpened) details.open = true;
}

/** Somebody is at this question: its controls stay, and what is said of them is replaced. */
function takeAround(here, next) {
  const field = here.querySelector(":scope > .field");
  for (const [name, place] of [["why", "prepend"], ["both", "before"], ["prefilled", "after"]]) {
    const old = here.querySelector(`:scope > .${name}`);
    const fresh = next.querySelector(`:scope > .${name}`);
    if (old?.contains(document.activeElement)) continue;
    old?.remove();
    if (fresh) (place === "prepend" ? here : field)[place](fresh);
  }
  takeErrors(field, next.querySelector(":scope > .field"));
}

function takeErrors(field, fresh) {
  field.classList.toggle("error", fresh.classList.contains("error"));
  field.querySelector(":scope > .message")?.remove();
  const message = fresh.querySelector(":scope > .message");
  if (message) field.append(message);
  for (const control of [field, ...field.querySelectorAll("input, textarea")]) {
    const like = control === field ? fresh : fresh.querySelector(`#${CSS.escape(control.id)}`);
    for (const name of ["aria-invalid", "aria-describedby"]) {
      const value = like?.getAttribute(name);
      if (value) control.setAttribute(name, value);
      else control.removeAttribute(name);
    }
  }
}

function questionsOf(form) {
  return [...form.querySelectorAll(".question")];
}

function stampsOf(form) {
  return JSON.parse(form.elements.shown.value || "{}");
}

function keyOf(question) {
  return question.id.replace("question-", "");
}

function isInConflict(question) {
  return question.dataset.state === "conflict";
}

function hasError(question) {
  return question.querySelector(".field.error") !== null;
}

function isOpen(question) {
  return isInConflict(question) || hasError(question);
}

/** What a question's controls hold, as one text; or held when they came, before a browser put back what was typed. */
function said(question, { asItCame = false } = {}) {
  const [value, checked] = asItCame ? ["defaultValue", "defaultChecked"] : ["value", "checked"];
  const controls = [...question.querySelectorAll("input, textarea")];
  const given = controls.filter((one) => !isTicked(one) || one[checked]);
  return JSON.stringify(given.map((one) => [one.name, isTicked(one) ? one.value : one[value]]));
}

function isTicked(control) {
  return control.type === "radio" || control.type === "checkbox";
}

/** An answer without what is put right when it is kept: spaces, and how a number is written. */
function gist(text) {
  const given = JSON.parse(text).filter(([name]) => !name.startsWith(CONFIRMATION));
  return JSON.stringify(given.map(([name, value]) => [name, plain(value)]));
}

function plain(value) {
  const bare = value.replace(/\s+/g, "").replace(",", ".");
  return bare === "" || Number.isNaN(Number(bare)) ? bare : String(Number(bare));
}

/** The behaviors of what came in, as after a swap. */
function bind(element) {
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: element } }));
}
