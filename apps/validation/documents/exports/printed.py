"""What the PDF of a document shows, as plain data for the typesetter."""

from typing import Any

from apps.validation.documents.exports.gathered import Gathered
from apps.validation.documents.exports.richtext import blocks
from apps.validation.documents.layout import FieldShown

Json = dict[str, Any]


def told(found: Gathered) -> Json:
    """Return everything the printed page shows."""
    return {
        "title": found.title,
        "summary": found.template.summary,
        "number": str(found.number),
        "status": found.status.lower(),
        "completeness": f"{found.filled.percent} % complete at tier {found.tier}",
        "day": [found.at.year, found.at.month, found.at.day],
        "sections": [
            {
                "title": one.section.title,
                "fields": [{"label": shown.field.label, **_value(shown)} for shown in one.told],
            }
            for one in found.sections
        ],
        "signed": [list(line) for line in found.signed],
        "manifest": [list(line) for line in found.manifest],
    }


def _value(shown: FieldShown) -> Json:
    if shown.rows:
        wide = len(shown.columns)
        rows = [[*row, *[""] * (wide - len(row))][:wide] for row in shown.rows]
        return {"kind": "table", "columns": list(shown.columns), "rows": rows}
    if shown.items:
        return {"kind": "list", "items": list(shown.items)}
    if not shown.text:
        return {"kind": "nothing", "text": shown.nothing}
    if shown.markup:
        return {"kind": "rich", "blocks": blocks(shown.text)}
    return {"kind": "text", "text": shown.text}
