"""What people read in a chat: one sentence, and a link to the page it is about.

Names in it are whatever somebody entered, so neither may one mention people, format or link.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.integrations.models import Webhook
from apps.integrations.notices.due import in_one_line
from apps.integrations.outgoing import page_of
from apps.integrations.payloads import Payload

MOST_NAME = 120
"""How much of each name a sentence holds."""
OPEN = "Open in Signet"
ITSELF = "Signet"
"""Who did what no account did."""

_SENTENCES: Mapping[str, str] = {
    "registered_model.created": "{who} registered the model {name}.",
    "model_version.created": "{who} registered version {version} of {name}.",
    "model_version_tag.set": "{who} set the tag {key} of version {version} of {name}.",
    "model_version_tag.deleted": "{who} deleted the tag {key} of version {version} of {name}.",
    "model_version_alias.created": "{who} gave version {version} of {name} the alias {alias}.",
    "model_version_alias.deleted": "{who} deleted the alias {alias} of {name}.",
    "prompt.created": "{who} registered the prompt {name}.",
    "prompt_version.created": "{who} registered version {version} of the prompt {name}.",
    "prompt_tag.set": "{who} set the tag {key} of the prompt {name}.",
    "prompt_tag.deleted": "{who} deleted the tag {key} of the prompt {name}.",
    "prompt_version_tag.set": (
        "{who} set the tag {key} of version {version} of the prompt {name}."
    ),
    "prompt_version_tag.deleted": (
        "{who} deleted the tag {key} of version {version} of the prompt {name}."
    ),
    "prompt_alias.created": (
        "{who} gave version {version} of the prompt {name} the alias {alias}."
    ),
    "prompt_alias.deleted": "{who} deleted the alias {alias} of the prompt {name}.",
}
_SAID = ("name", "version", "key", "alias")


@dataclass(frozen=True)
class Message:
    """One sentence, and the address of the page it is about, if Signet knows its own."""

    sentence: str
    link: str = ""


def message_of(happening: str, data: Payload, *, who: str) -> Message:
    """Return the sentence about one thing that happened, from what a webhook is told of it."""
    said = {"who": who} | {key: str(data[key]) for key in _SAID if key in data}
    names = {key: in_one_line(text, MOST_NAME) for key, text in said.items()}
    sentence = _SENTENCES[happening].format_map(names)
    return Message(sentence, page_of(data["name"], data.get("version")))


def example_of(happening: str, data: Payload) -> Message:
    """Return an example of such a sentence, which says that it is one; it links nowhere."""
    told = message_of(happening, data, who="Somebody")
    return Message(f"This is an example: {told.sentence}")


def written(chat: str, message: Message) -> dict[str, Any]:
    """Return a message as a kind of chat takes it."""
    return _WRITERS[chat](message)


# -- Slack -----------------------------------------------------------------------------------------

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])")
_APART = "\u200b"
"""Takes no room; a mark behind it formats nothing, and Slack knows no other way to say so."""


def _slack(message: Message) -> dict[str, Any]:
    blocks = [_section(_in_mrkdwn(message.sentence))]
    if message.link:
        blocks.append(_section(f"<{message.link.translate(_ENTITIES)}|{OPEN}>"))
    return {
        "text": _in_mrkdwn(message.sentence),
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "blocks": blocks,
    }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _in_mrkdwn(text: str) -> str:
    """Return a text in Slack's markup that reads as it is: no mention, no link, no format."""
    return _MARKS.sub(lambda mark: f"{_APART}{mark[0]}", text).translate(_ENTITIES)


# -- Microsoft Teams -------------------------------------------------------------------------------

_CARD = "application/vnd.microsoft.card.adaptive"


def _teams(message: Message) -> dict[str, Any]:
    """Write a card whose text is a run: a block of text would read Markdown in it, a run does not.

    Nothing is to be escaped so, and no client shows the escapes.
    """
    run = {"type": "TextRun", "text": message.sentence}
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "RichTextBlock", "inlines": [run]}],
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": OPEN, "url": message.link}]
    attachment = {"contentType": _CARD, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


_WRITERS: Mapping[str, Callable[[Message], dict[str, Any]]] = {
    Webhook.Format.SLACK: _slack,
    Webhook.Format.TEAMS: _teams,
}
