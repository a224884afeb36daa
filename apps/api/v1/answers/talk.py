"""What people say about promotion requests, and what signers ask for."""

from datetime import date, datetime

from apps.api.v1.answers.base import Answer
from apps.approvals.models import Comment, SignOffCondition


class CommentAnswer(Answer):
    """What somebody said about a request; ``answers`` is the number of what it replies to."""

    number: int
    section: str
    text: str
    author: str
    written_at: datetime
    answers: int | None
    resolved_at: datetime | None
    resolved_by: str | None

    @classmethod
    def of(cls, comment: Comment) -> "CommentAnswer":
        return cls(
            number=comment.pk,
            section=comment.section,
            text=comment.text,
            author=comment.author.username,
            written_at=comment.written_at,
            answers=comment.answers_id,
            resolved_at=comment.resolved_at,
            resolved_by=comment.resolved_by.username if comment.resolved_by else None,
        )


class CommentPage(Answer):
    """Some of what was said, the oldest first; ``next`` leads on, or is nothing."""

    comments: list[CommentAnswer]
    next: str | None


class AskedCondition(Answer):
    """What a signer tied an approval to; not met by its day, the sign-off counts no more."""

    number: int
    text: str
    owner: str
    due: date
    met_at: datetime | None
    missed_at: datetime | None

    @classmethod
    def of(cls, condition: SignOffCondition) -> "AskedCondition":
        return cls(
            number=condition.pk,
            text=condition.text,
            owner=condition.owner.username,
            due=condition.due,
            met_at=condition.met_at,
            missed_at=condition.missed_at,
        )
