"""Tags of pages that belong together but are shown by different apps."""

from django import template
from django.urls import reverse

from apps.catalog.models import ModelVersion
from apps.console.queries import measures
from apps.validation import checks

register = template.Library()

PAGES = (
    ("Overview", "models:version"),
    ("Files", "models:version_files"),
    ("Metrics", "models:version_metrics"),
    ("Card", "models:version_card"),
    ("Inventory", "models:version_inventory"),
    ("Lineage", "models:version_lineage"),
    ("Checks", "validation:checks"),
    ("Evidence", "validation:evidence"),
    ("Documents", "validation:documents"),
    ("History", "models:version_history"),
)


@register.inclusion_tag("components/tabs.html", takes_context=True)
def version_tabs(context: template.Context, version: ModelVersion, here: str) -> dict[str, object]:
    """Write the tabs of a version with the page that is shown marked; examiners get theirs."""
    visit = getattr(context.get("request"), "exam", None)
    counts = {
        "Files": version.file_count,
        "Metrics": measures.count(version),
        "Checks": len(checks.ALL),
    }
    address = [version.model.name, version.number]
    return {
        "label": f"Version {version.number}",
        "tabs": [
            {
                "label": label,
                "url": reverse(page, args=address),
                "count": counts.get(label),
                "current": label == here,
            }
            for label, page in PAGES
            if visit is None or visit.opens(page)
        ],
    }
