"""Admission answers, signed so that they can be kept and checked elsewhere."""

from typing import Literal

from apps.api.v1.answers.base import Answer


class Against(Answer):
    """What speaks against a content: a code that never changes its meaning, and words."""

    code: str
    text: str


class AdmissionAnswer(Answer):
    """Whether a content may run in an environment, and until when that may be relied on.

    ``admitted`` says what to do, ``admissible`` what is so: an environment that warns or allows
    admits what is not admissible. ``model`` and ``version`` are what the content is known as.
    """

    digest: str
    environment: str
    enforcement: Literal["prevent", "warn", "allow"]
    admitted: bool
    admissible: bool
    reasons: list[Against]
    model: str | None
    version: int | None
    stage: str | None
    at: str
    until: str


class SignedAnswer(Answer):
    """An answer with the signature over its canonical form, and the name and id of the key."""

    answer: AdmissionAnswer
    key: str
    signature: str


class AdmissionKeys(Answer):
    """The public keys that answers may be signed by; the first one signs now."""

    keys: list[str]
