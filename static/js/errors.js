/** Brings the focus to what went wrong: to the first field with an error, else to the notice itself. */

export function errors(notice) {
  const form = notice.closest("form") ?? notice.parentElement;
  const field = form.querySelector("[aria-invalid='true']");
  (field ?? notice).focus();
}
