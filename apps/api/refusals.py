"""Refusals the API makes itself."""

from apps.core.errors import RuleBroken


class KeyReused(RuleBroken):
    """The idempotency key came with another request before."""

    code = "idempotency_key_reused"


class NotAnswered(RuleBroken):
    """The request with this idempotency key has no answer: it goes on, or broke off."""

    code = "not_answered"
