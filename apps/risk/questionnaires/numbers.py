"""Which number a changed questionnaire may bear, and which keys it may not use again."""

from collections.abc import Iterator, Sequence

from apps.core.shapes import listed
from apps.risk.questionnaires.differences import Step, step_between
from apps.risk.questionnaires.parts import Questionnaire

Number = tuple[int, int, int]


def number_of(version: str) -> Number:
    """Return a semantic version as numbers, so that versions can be ordered."""
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch


def is_major(old: str, new: str) -> bool:
    """Say whether the first number grew from one version to another."""
    return number_of(new)[0] > number_of(old)[0]


def number_problems(new: Questionnaire, *, before: Sequence[Questionnaire]) -> Iterator[str]:
    """Say why a version may not follow those before it, the newest of them last."""
    if not before:
        return
    last = before[-1]
    taken = max(number_of(one.version) for one in before)
    if number_of(new.version) <= taken:
        highest = ".".join(map(str, taken))
        yield f"The version {new.version} must be higher than {highest}, which was used."
    elif problem := _step_problem(last, new):
        yield problem
    for old in reversed(before):
        yield from _reused(old, new)


def _step_problem(old: Questionnaire, new: Questionnaire) -> str:
    needed = step_between(old, new)
    if needed is None:
        return f"Nothing but the number differs from {old.version}. Change something, or drop it."
    taken = _step_taken(number_of(old.version), number_of(new.version))
    if taken >= needed:
        return ""
    return (
        f"From {old.version} to {new.version} is a step for {taken.words}, and this changes "
        f"{_changes(needed)}: the next version is {_next(number_of(old.version), needed)}."
    )


def _changes(step: Step) -> str:
    if step is Step.MINOR:
        return "what is answered"
    return "the meaning, the scoring, the outcomes or the obligations"


def _step_taken(old: Number, new: Number) -> Step:
    if new[0] > old[0]:
        return Step.MAJOR
    return Step.MINOR if new[1] > old[1] else Step.PATCH


def _next(old: Number, step: Step) -> str:
    major, minor, _ = old
    return f"{major + 1}.0.0" if step is Step.MAJOR else f"{major}.{minor + 1}.0"


def _reused(old: Questionnaire, new: Questionnaire) -> Iterator[str]:
    both = [key for key in new.question_keys if key in old.question_keys]
    for key in both:
        before, after = old.question(key).type, new.question(key).type
        if before is not after:
            yield (
                f"The key {key} was of the type {before} in {old.version} and cannot be "
                f"{after} now: give the question a key of its own."
            )
    kinds = {one.id: one.kind for one in old.obligations}
    changed = [one.id for one in new.obligations if kinds.get(one.id, one.kind) is not one.kind]
    if changed:
        yield (
            f"{listed(changed, 'and').capitalize()} named an obligation of another kind in "
            f"{old.version}. Give it an id of its own."
        )
