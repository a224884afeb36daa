"""The talk about a request: threads by section, those still open first, the settled ones folded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from apps.accounts.models import User
from apps.approvals.models import Comment, PromotionRequest
from apps.approvals.operations.conversation import MENTION
from apps.approvals.pages.forms_shown import Shown
from apps.approvals.talk_forms import CommentForm, ReplyForm
from apps.core.actors import Actor

ABOUT = "about"
"""The part of an address that says which section a new comment is about."""
SAY = "say"
"""The anchor of the form, and the prefix of its fields."""

ANCHORS = {
    Comment.Section.WHOLE: "conversation",
    Comment.Section.CHANGES: "what-changes",
    Comment.Section.CHECKS: "checks",
    Comment.Section.GATE: "gate",
    Comment.Section.SIGN_OFFS: "sign-offs",
    Comment.Section.PURPOSE: "what-the-model-is-for",
}


@dataclass(frozen=True)
class Said:
    """One comment: who wrote what, when; people named in it stand with their names."""

    pk: int
    author: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Thread:
    """A comment with what was answered to it."""

    first: Said
    answers: Sequence[Said]
    key: str
    section: str
    anchor: str
    resolved_by: str = ""
    resolved_at: datetime | None = None
    may_resolve: bool = False
    reply_form: ReplyForm | None = None
    is_replying: bool = False


@dataclass(frozen=True)
class Link:
    """From a section to what is said about it."""

    href: str
    words: str


@dataclass(frozen=True)
class Conversation:
    """Everything that was said about a request, and the form to say more."""

    open: Sequence[Thread]
    resolved: Sequence[Thread]
    links: Mapping[str, Link]
    form: CommentForm | None

    @property
    def words(self) -> str:
        return f"{len(self.open)} open" if self.open else ""

    @property
    def resolved_in_words(self) -> str:
        return f"{len(self.resolved)} resolved"


def of(request: PromotionRequest, reader: Actor, shown: Shown, about: str = "") -> Conversation:
    """Return the talk about a request, in three queries however long it is."""
    comments = list(request.comments.select_related("author", "resolved_by").order_by("pk"))
    named = _named(comments)
    by_pk = {one.pk: one for one in comments}
    answers: dict[int, list[Said]] = {}
    for one in comments:
        if one.answers_id is not None:
            answers.setdefault(_root_of(one, by_pk), []).append(_said(one, named))
    threads = [
        _thread(
            one,
            _said(one, named),
            answers.get(one.pk, []),
            shown if reader.is_person else None,
            may_resolve=reader.is_person
            and reader.user_id in {one.author_id, request.requested_by_id},
        )
        for one in sorted(comments, key=lambda one: (_place(one), one.pk))
        if one.answers_id is None
    ]
    return Conversation(
        [thread for thread in threads if thread.resolved_at is None],
        [thread for thread in threads if thread.resolved_at is not None],
        _links(comments),
        _form(shown, about) if reader.is_person else None,
    )


def with_names(text: str, people: Mapping[str, str]) -> str:
    """Write the names of people where a text calls them by ``@`` and their sign-in name."""
    return MENTION.sub(lambda found: f"@{people.get(found[1], found[1])}", text)


def _form(shown: Shown, about: str) -> CommentForm:
    form = shown.form(CommentForm, SAY)
    if about in Comment.Section.values:
        form.initial.setdefault("section", about)
    return form


def _links(comments: Sequence[Comment]) -> Mapping[str, Link]:
    """Return for each section the way to what is said about it, or to say something."""
    counts = Counter(one.section for one in comments if one.resolved_at is None)
    return {section.value: _link(section, counts[section.value]) for section in Comment.Section}


def _link(section: Comment.Section, count: int) -> Link:
    if count:
        return Link(f"#talk-{section.value}", f"{count} comment{'' if count == 1 else 's'}")
    return Link(f"?{urlencode({ABOUT: section.value})}#{SAY}", "comment")


def _named(comments: Sequence[Comment]) -> Mapping[str, str]:
    """Return the names of everybody who is named in some comments, by sign-in name."""
    mentioned = {pk for one in comments for pk in one.mentioned}
    found = User.objects.filter(pk__in=mentioned) if mentioned else ()
    return {user.username: str(user) for user in found}


def _place(comment: Comment) -> int:
    return Comment.Section.values.index(comment.section)


def _root_of(comment: Comment, by_pk: Mapping[int, Comment]) -> int:
    """Return the comment a thread began with, however deep the answer is."""
    while comment.answers_id is not None:
        comment = by_pk[comment.answers_id]
    return comment.pk


def _said(comment: Comment, named: Mapping[str, str]) -> Said:
    text = with_names(comment.text, named)
    return Said(comment.pk, str(comment.author), text, comment.written_at)


def _thread(
    comment: Comment,
    first: Said,
    answers: Sequence[Said],
    shown: Shown | None,
    *,
    may_resolve: bool,
) -> Thread:
    """Return a thread; without forms to be shown nobody can answer in it."""
    prefix, is_settled = f"reply-{comment.pk}", comment.resolved_at is not None
    form = shown.form(ReplyForm, prefix) if shown is not None and not is_settled else None
    return Thread(
        first,
        answers,
        comment.section,
        comment.get_section_display(),
        ANCHORS[Comment.Section(comment.section)],
        resolved_by=str(comment.resolved_by or ""),
        resolved_at=comment.resolved_at,
        may_resolve=may_resolve and not is_settled,
        reply_form=form,
        is_replying=form is not None and form.is_bound,
    )
