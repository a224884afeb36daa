"""External checks: expected, no longer expected, and their results as a tool posts them."""

import re

from django.db import IntegrityError

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_text
from apps.validation import checks, expected
from apps.validation.checks.entry_points import MOST_NAME, NAME
from apps.validation.models import CheckRun, ExternalCheck
from apps.validation.posted import PostedResult

EXPECT = Action(
    "external_check.expect",
    permission="catalog.manage_checks",
    needs_reason=True,
    refusal="Only a risk or security officer of the whole organization expects external checks.",
)
END = Action(
    "external_check.end",
    permission="catalog.manage_checks",
    needs_reason=True,
    refusal="Only a risk or security officer of the whole organization ends external checks.",
)
POST = Action(
    "check_run.post",
    permission="catalog.post_check_results",
    refusal="You do not have the right to post results of external checks on this model.",
)

MOST_HOURS = 24 * 90
MOST_RESULTS = 1_000
"""How many results one version has of one external check."""
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def expect_external_check(
    name: str, *, by: Actor, title: str, sentence: str, hours_until_due: int, reason: str
) -> ExternalCheck:
    """Expect a tool outside to post the result of a check; one that was ended can be expected anew.

    Raises:
        InputRefused: when the name or a text is not what it may be.
        RuleBroken: when a check bears the name already.
    """
    try:
        with change(EXPECT, REGISTRY, by=by, reason=reason) as record:
            _require_described(name, title, sentence, hours_until_due)
            external = _expected_anew(name)
            if external.pk:
                external.renew(record.lock(external))
                _require_ended(external)
            external.title, external.sentence = title.strip(), sentence.strip()
            external.hours_until_due, external.ended_at = hours_until_due, None
            external.save()
            record.about(external)
            record.note(check=name, hours=hours_until_due)
    except IntegrityError:  # somebody else was quicker; the whole change is undone
        raise _taken(name) from None
    return external


def end_external_check(external: ExternalCheck, *, by: Actor, reason: str) -> None:
    """Expect no further result of an external check; what was posted stays as it is."""
    with change(END, external, by=by, reason=reason) as record:
        if external.ended_at is not None:
            raise RuleBroken(f"{external} is not expected any more already.")
        external.ended_at = record.time
        external.save()
        record.note(check=external.name)


def post_result(
    version: ModelVersion, check_name: str, result: PostedResult, *, by: Actor
) -> CheckRun:
    """Conclude the awaited run of an external check, or record a new one, as a commit status is.

    Raises:
        UnknownCheck: when no external check of that name is expected.
        InputRefused: when the result is more than is kept, or contradicts itself.
        RuleBroken: when it examined other content than the version holds.
    """
    with change(POST, version, by=by) as record:
        version.require_ready()
        if by.user_id is None:
            raise NotAllowed("Only a person or a service account posts results.")
        external = expected.external_check(check_name)
        _require_same_content(version, result.examined)
        conclusion = result.conclusion()
        runs = version.check_runs.filter(check_name=external.name)
        if runs.filter(posted_by__isnull=False).count() >= MOST_RESULTS:
            raise RuleBroken(f"{version} takes at most {MOST_RESULTS:,} results of one check.")
        waiting = runs.waiting().first()
        run = waiting or CheckRun(
            version=version,
            check_name=external.name,
            examined_digest=version.content_digest,
            queued_at=record.time,
        )
        run.version = version
        run.origin, run.posted_by_id = result.origin, by.user_id
        conclusion.write_to(run, at=record.time)
        record.about(run)
        record.note(check=external.name, origin=result.origin, **conclusion.as_note())
    return run


def _expected_anew(name: str) -> ExternalCheck:
    if checks.named_or_none(name) is not None:
        raise _taken(name)
    there = ExternalCheck.objects.filter(name=name).first()
    if there is None:
        return ExternalCheck(name=name)
    found: ExternalCheck = there
    return found


def _require_ended(external: ExternalCheck) -> None:
    if external.ended_at is None:
        raise _taken(external.name)


def _taken(name: str) -> RuleBroken:
    return RuleBroken(f"There is a check named {name} already. Choose another name.")


def _require_described(name: str, title: str, sentence: str, hours: int) -> None:
    if len(name) > MOST_NAME or not NAME.fullmatch(name):
        raise InputRefused(
            f"A name is of small letters, digits and single hyphens, begins with a letter, and "
            f"holds at most {MOST_NAME} characters."
        )
    for text, label, most in ((title, "The title", 120), (sentence, "The sentence", 500)):
        if not text.strip():
            raise InputRefused(f"{label} is empty.")
        require_text(text, label, most)
    if not 1 <= hours <= MOST_HOURS:
        raise InputRefused(f"A result is awaited for 1 to {MOST_HOURS:,} hours.")


def _require_same_content(version: ModelVersion, examined: str) -> None:
    if not _SHA256.fullmatch(examined):
        raise InputRefused("The digest of what was examined is sha256: and 64 hexadecimal digits.")
    if examined != version.content_digest:
        raise RuleBroken(
            f"This result is about {examined}, which is not the content of {version}. Examine the "
            f"version's own files and post the result of that."
        )
