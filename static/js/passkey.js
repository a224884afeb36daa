/**
 * Asks a passkey to sign what a form is about, or to be made. What it answers goes along with the form.
 * Without a script the button stays hidden, and the form works by its fields.
 */

const SECRETS = ["password", "code", "assertion", "answer"];

export function passkey(part) {
  if (!window.PublicKeyCredential) return;
  const form = part.closest("form");
  const button = part.querySelector("button");
  const said = part.querySelector("[data-said]");
  part.hidden = false;

  button.addEventListener("click", async () => {
    if (part.dataset.kind === "create" && !form.reportValidity()) return;
    say("");
    button.disabled = true;
    try {
      const asked = await ask(part.dataset.ask, form);
      if (asked.isSignedOut) return form.submit(); // the sign-in page keeps what was typed
      if (asked.refusal) return say(asked.refusal);
      send(form, await answers[part.dataset.kind](asked.publicKey));
    } catch (error) {
      say(inWords(error));
    } finally {
      button.disabled = false;
    }
  });

  function say(words) {
    said.textContent = words;
  }
}

/** What is typed says what is signed; a password has no part in it. */
async function ask(address, form) {
  const body = new FormData(form);
  for (const name of SECRETS) body.delete(name);
  const answer = await fetch(address, { method: "POST", body, credentials: "same-origin" });
  return answer.redirected ? { isSignedOut: true } : answer.json();
}

const answers = {
  async get(asked) {
    const allowCredentials = (asked.allowCredentials ?? []).map(known);
    const publicKey = { ...asked, challenge: decoded(asked.challenge), allowCredentials };
    const { rawId, type, response } = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature } = response;
    return written(rawId, type, { clientDataJSON, authenticatorData, signature });
  },

  async create(asked) {
    const user = { ...asked.user, id: decoded(asked.user.id) };
    const excludeCredentials = (asked.excludeCredentials ?? []).map(known);
    const publicKey = { ...asked, user, challenge: decoded(asked.challenge), excludeCredentials };
    const { rawId, type, response } = await navigator.credentials.create({ publicKey });
    const { clientDataJSON, attestationObject } = response;
    return written(rawId, type, { clientDataJSON, attestationObject });
  },
};

function known(credential) {
  return { ...credential, id: decoded(credential.id) };
}

function written(rawId, type, parts) {
  const response = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, encoded(bytes)]));
  return JSON.stringify({ id: encoded(rawId), rawId: encoded(rawId), type, response });
}

/** The form goes as it is: its password may stay empty now, which the browser would not let pass. */
function send(form, answer) {
  const field = form.elements.assertion ?? form.elements.answer;
  field.value = answer;
  for (const name of ["password", "code"]) if (form.elements[name]) form.elements[name].value = "";
  form.submit();
}

function inWords(error) {
  if (error.name === "InvalidStateError") return "This passkey is added already.";
  if (error.name === "NotAllowedError") return "The passkey did not answer. Try again.";
  return "That did not work. Open the page again, or use your password and a code.";
}

function decoded(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function encoded(bytes) {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
