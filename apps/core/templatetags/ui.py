"""Tags and filters that pages are written with; what they draw is in ``templates/components``."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from lucide.templatetags.lucide import lucide

from apps.core import formats, links

register = template.Library()

register.filter("digest", formats.short_digest)
register.filter("reference", formats.short_reference)
register.filter("digest_parts", formats.digest_parts)
register.filter("bytes", formats.size)
register.filter("grouped", formats.grouped)
register.filter("measure", formats.measure)
register.filter("initials", formats.initials)
register.filter("as_workbook", links.as_workbook)

TONE_ICONS = {
    "good": "check",
    "warn": "triangle-alert",
    "bad": "x",
    "info": "clock",
    "idle": "circle-dashed",
}


@register.filter
def duration(length: timedelta | float | None) -> str:
    """Write a length of time, or nothing when it is not known."""
    return "" if length is None else formats.duration(length)


@register.filter
def when(at: datetime | date | str | None, form: str = "full") -> str:
    """Write a moment or day as a ``<time>`` whose title is the exact UTC time."""
    if isinstance(at, datetime):
        exact = at.astimezone(UTC)
        return format_html(
            '<time datetime="{}" title="{} UTC" data-behavior="localtime" data-form="{}">{}</time>',
            exact.isoformat(timespec="seconds"),
            f"{exact:%Y-%m-%d %H:%M:%S}",
            form,
            formats.moment(exact, form),
        )
    if isinstance(at, date):
        return format_html(
            '<time datetime="{}">{}</time>', at.isoformat(), formats.calendar_day(at)
        )
    return at or ""


@register.filter
def colored_json(text: str) -> SafeString:
    """Mark the keys, strings and literals of a JSON text, after escaping it."""
    marked = _JSON_TOKEN.sub(_marked_token, escape(text))
    return mark_safe(marked)  # noqa: S308 - escaped above; only our own spans are added


@register.filter
def pretty_json(value: object) -> str:
    """Write a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


_JSON_TOKEN = re.compile(
    r"(?P<string>&quot;(?:\\.|(?!&quot;).)*&quot;)(?P<colon>\s*:)?"
    r"|(?P<literal>(?<![\w.])(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.;]))"
)


def _marked_token(match: re.Match[str]) -> str:
    if match["literal"]:
        return f'<span class="literal">{match["literal"]}</span>'
    kind = "key" if match["colon"] else "string"
    return f'<span class="{kind}">{match["string"]}</span>{match["colon"] or ""}'


@register.simple_tag
def icon(name: str, *, tone: str = "", label: str = "", css: str = "") -> SafeString:
    """Draw a Lucide icon; without a label it is decoration and hidden from screen readers."""
    return _icon(str(name), str(tone), str(label), str(css))


@register.simple_tag
def symbol(name: str, anchor: str) -> SafeString:
    """Define a Lucide icon once inside a drawing that shows it many times, as ``anchor-name``."""
    inner = re.sub(r"^<svg[^>]*>|</svg>$", "", str(_icon(str(name), "", "", "")))
    drawn = mark_safe(inner)  # noqa: S308 - Lucide's own paths
    return format_html('<symbol id="{}-{}" viewBox="0 0 24 24">{}</symbol>', anchor, name, drawn)


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """Draw the icon that stands beside a tone, so that color never speaks alone."""
    return _icon(TONE_ICONS.get(tone, TONE_ICONS["idle"]), str(tone), "", "")


@cache
def _icon(name: str, tone: str, label: str, css: str) -> SafeString:
    words = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    classes = " ".join(part for part in ("icon", tone, css) if part)
    drawn = lucide(name, size=None, **{"class": classes}, **words)
    return mark_safe(re.sub(r">\s+<", "><", drawn))  # noqa: S308 - Lucide escapes its attributes


@register.simple_block_tag
def sheet(
    content: SafeString,
    title: str = "",
    *,
    aside: str = "",
    href: str = "",
    link: str = "",
    status: str = "",
    tone: str = "",
    icon: str = "",
    level: int = 2,
    anchor: str = "",
    element: str = "section",
    action: str = "",
) -> SafeString:
    """Wrap content in a white sheet with a heading."""
    values = {
        "content": content,
        "title": title,
        "aside": aside,
        "href": href,
        "link": link,
        "status": status,
        "tone": tone,
        "icon": icon,
        "level": level,
        "anchor": anchor or slugify(title),
        "element": element,
        "action": action,
    }
    return render_to_string("components/sheet.html", values)


@register.simple_block_tag
def disclosure(content: SafeString, summary: str, *, opened: bool = False) -> SafeString:
    """Fold content away under one line that says what it is."""
    values = {"content": content, "summary": summary, "opened": opened}
    return render_to_string("components/disclosure.html", values)


@register.simple_block_tag
def table(content: SafeString, label: str) -> SafeString:
    """Wrap the inside of a table so that it scrolls by itself on a narrow screen."""
    return render_to_string("components/table.html", {"content": content, "label": label})


@register.simple_block_tag
def titlebar(
    content: SafeString,
    title: str,
    *,
    lead: str = "",
    statuses: Sequence[Mapping[str, str]] = (),
    level: int = 1,
) -> SafeString:
    """Write the heading of a page, one sentence about it, and what can be done here."""
    actions = mark_safe(content.strip())  # noqa: S308 - the template engine has rendered it
    values = {
        "content": actions,
        "title": title,
        "lead": lead,
        "statuses": statuses,
        "level": level,
    }
    return render_to_string("components/titlebar.html", values)


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, hint: str = "", focus: bool = True) -> dict[str, object]:
    """Write a form field with label, hint, control and error, tied together for screen readers."""
    if hint:
        bound.help_text = hint
    takes_focus, kind = focus and _is_first_error(bound), _field_kind(bound)
    if takes_focus and kind == "group":
        _focus_first_choice(bound)
    return {
        "field": bound,
        "kind": kind,
        "hint": bound.help_text,
        "control": bound.as_widget(attrs={"autofocus": True} if takes_focus else {}),
    }


def _field_kind(bound: BoundField) -> str:
    if isinstance(bound.field.widget, CheckboxInput):
        return "tick"
    return "group" if bound.use_fieldset else "control"


def _focus_first_choice(bound: BoundField) -> None:
    """Let the first choice of a group that can be made take the focus, since a group cannot."""
    choices = (choice.data["attrs"] for choice in bound.subwidgets)
    for attrs in choices:
        if "disabled" not in attrs:
            attrs["autofocus"] = True
            return


def _is_first_error(bound: BoundField) -> bool:
    """Tell whether this field is the first with an error, which is where the focus belongs."""
    return (
        next((name for name in bound.form.fields if name in bound.form.errors), None) == bound.name
    )


@register.inclusion_tag("components/meter.html")
def meter(label: str, *, total: int, **parts: int) -> dict[str, object]:
    """Draw how much of a total is good, warn, bad or running, in the order given."""
    segments, start = [], 0
    for tone, count in parts.items():
        segments.append(
            {
                "tone": tone,
                "x": _place(start, total),
                "width": _place(count, total, gap=start + count < total),
            }
        )
        start += count
    return {
        "label": label,
        "segments": [segment for segment in segments if segment["width"] != "0"],
    }


def _place(count: int, total: int, *, gap: bool = False) -> str:
    """Turn a count into a place on an axis of 100, written without a locale."""
    share = 100 * count / total if total else 0
    return f"{max(share - (0.8 if gap else 0), 0):.2f}".rstrip("0").rstrip(".")


@register.inclusion_tag("components/metric.html")
def metric(name: str, value: Any, **details: Any) -> dict[str, object]:
    """Write a measured value with its unit, and its interval when both ends are known."""
    ends = [details.get(end) for end in ("low", "high", "floor")]
    plot = None if ends[0] is None or ends[1] is None else _plot(float(value), *map(_number, ends))
    return {"name": name, "value": value, "plot": plot, **details}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _plot(
    value: float, low: float | None, high: float | None, floor: float | None
) -> dict[str, str | None]:
    """Place an interval, its value and its floor on an axis that leaves air at both ends."""
    points = [point for point in (value, low, high, floor) if point is not None]
    air = (max(points) - min(points) or 1) * 0.15
    start, reach = min(points) - air, max(points) - min(points) + 2 * air
    at = {
        name: f"{100 * (point - start) / reach:.2f}"
        for name, point in (("low", low), ("high", high), ("point", value), ("floor", floor))
        if point is not None
    }
    return {"floor": None, **at, "width": f"{float(at['high']) - float(at['low']):.2f}"}


@register.simple_tag(takes_context=True)
def place(
    context: template.Context,
    label: str,
    path: str,
    count: int | None = None,
    *,
    also: str = "",
    apart: str = "",
) -> SafeString:
    """Write one link of a navigation and mark it when the page lies below it, or ``also`` below.

    What lies below ``apart`` has a link of its own.
    """
    request = context.get("request")
    prefix = get_script_prefix().rstrip("/")
    url, here = prefix + path, getattr(request, "path", "")
    below = tuple(prefix + one for one in (path, *also.split()))
    others = tuple(prefix + one for one in apart.split())
    is_below = here.startswith(below) and not here.startswith(others)
    is_current = here == url if path == "/" else is_below
    current = mark_safe(' aria-current="page"') if is_current else ""
    badge = format_html('<span class="count">{}</span>', count) if count else ""
    return format_html('<li><a href="{}"{}>{}{}</a></li>', url, current, label, badge)
