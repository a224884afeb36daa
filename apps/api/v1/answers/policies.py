"""Policies: which is in force, which were, and what each says."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.api.v1.answers.signatures import SignatureAnswer
from apps.approvals.models import PolicySignOff, PolicyVersion


class PolicyLine(Answer):
    """A version of the policy in a list."""

    number: int
    id: str
    version: str
    title: str
    state: str
    digest: str
    published_at: datetime | None
    replaced_at: datetime | None
    url: str
    page: str

    @classmethod
    def of(cls, version: PolicyVersion) -> "PolicyLine":
        return cls(**_line(version))


class PolicyPage(Answer):
    """Some versions of the policy, the newest first; ``next`` leads on, or is nothing."""

    policies: list[PolicyLine]
    next: str | None


class PolicyAnswer(PolicyLine):
    """A version of the policy with its text and its signatures."""

    text: str
    signatures: list[SignatureAnswer]

    @classmethod
    def whole(cls, version: PolicyVersion, signed: Iterable[PolicySignOff]) -> "PolicyAnswer":
        signatures = [SignatureAnswer.of(one) for one in signed]
        return cls(**_line(version), text=version.text, signatures=signatures)


def _line(version: PolicyVersion) -> dict[str, Any]:
    return {
        "number": version.pk,
        "id": version.policy_id,
        "version": version.number,
        "title": version.title,
        "state": version.state,
        "digest": version.digest,
        "published_at": version.published_at,
        "replaced_at": version.replaced_at,
        "url": reverse("v1:policy", args=[version.pk]),
        "page": version.get_absolute_url(),
    }
