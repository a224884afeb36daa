"""A document as Markdown, as one page of HTML, and as JSON. What people wrote is data in each."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.template.loader import render_to_string

from apps.validation.documents.exports.gathered import SIGNED, Gathered
from apps.validation.documents.layout import FieldShown


def as_markdown(found: Gathered) -> str:
    """Return the document as Markdown. Rich text stands in quotes, so that it cannot leave them."""
    lines = [f"# {_inline(found.title)}", "", _inline(found.template.summary), ""]
    for section in found.sections:
        lines += [f"## {_inline(section.section.title)}", ""]
        for shown in section.told:
            lines += [f"### {_inline(shown.field.label)}", "", *_value(shown), ""]
    return "\n".join([*lines, *manifest(found), ""])


def manifest(found: Gathered) -> Iterator[str]:
    """Return the end of an export in Markdown: who signed, and the digests."""
    yield "## Signatures and digests"
    yield ""
    yield from _table(SIGNED, found.signed)
    yield ""
    yield from _table(("What", "Value"), found.manifest)


def as_page(found: Gathered) -> str:
    """Return the document as one page of HTML that needs nothing else."""
    return render_to_string("validation/documents/export.html", {"found": found})


def as_json(found: Gathered) -> str:
    """Return everything: all fields with their keys, sources and times, filled or not."""
    told = {
        "document": found.document.record_id,
        "template": found.template.id,
        "template_version": found.document.template_version,
        "title": found.template.title,
        "model": found.document.model.name,
        "version": found.document.version.number if found.document.version else None,
        "revision": found.number,
        "status": found.status.lower().replace(" ", "_"),
        "at": found.at.isoformat(),
        "tier": found.tier,
        "completeness": found.filled.percent,
        "missing_required": [field.key for field in found.filled.missing],
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "cites": section.cites,
                "fields": [_field(found, field.key) for field in section.fields],
            }
            for section in found.template.sections
        ],
        "signatures": [
            dict(zip(("role", "name", "signed_at", "meaning", "digest"), line, strict=True))
            for line in found.signed
        ],
        "version_digest": found.document.version.content_digest if found.document.version else "",
        "digest": found.digest,
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _field(found: Gathered, key: str) -> dict[str, Any]:
    answer = found.content.answers[key]
    told = {"key": key, "label": answer.field.label, "type": answer.field.type.value}
    return {**told, "value": "", **answer.frozen()}


def _value(shown: FieldShown) -> Sequence[str]:
    if shown.rows:
        return list(_table(shown.columns, shown.rows))
    if shown.items:
        return [f"- {_inline(item)}" for item in shown.items]
    if not shown.text:
        return [f"*{_inline(shown.nothing)}*"]
    if shown.is_rich:
        return [f"> {line}".rstrip() for line in shown.text.replace("<", "&lt;").split("\n")]
    return [_inline(shown.text)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    for row in rows:
        yield _row([*row, *[""] * (len(head) - len(row))])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell if cell == '---' else _inline(cell) for cell in cells)} |"


_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]|#"} | {"<": "&lt;", ">": "&gt;"})


def _inline(text: str) -> str:
    """Write a text on one line so that no reader of Markdown takes any of it for markup."""
    return " ".join(text.split()).translate(_MARKS)
