"""A small lineage, drawn as on the pages of assets and versions."""

from apps.console import graphs
from apps.console.gallery.pieces import Piece, State
from apps.console.graphs import CARD_WIDTH, Link
from apps.console.queries.lineage import Card, Line, Picture

_THINGS = (
    ("database", "loans", "Dataset 2026-q3", "Confidential", "warn", 94),
    ("folder-git-2", "credit-models", "Repository 4f1c", "", "", 0),
    ("package", "credit-default", "Version 12", "Production", "good", 76),
    ("layout-dashboard", "Portfolio risk", "Dashboard", "Internal", "idle", 64),
)
_LINKS = (
    (Link(0, 2), "trains", "observed"),
    (Link(1, 2), "builds", "declared"),
    (Link(2, 3), "used by", "inferred"),
)
_DRAWN = graphs.lay_out(len(_THINGS), tuple(link for link, _, _ in _LINKS))

PICTURE = Picture(
    width=_DRAWN.width,
    height=_DRAWN.height,
    shown_width=round(_DRAWN.width),
    shown_height=round(_DRAWN.height),
    cards=[
        Card(
            *corner,
            icon=icon,
            title=title,
            detail=detail,
            chip=chip,
            chip_tone=tone,
            chip_x=corner[0] + CARD_WIDTH - 12 - width,
            chip_width=width,
            chip_middle=width / 2,
            href="#graph",
            words=f"{title}, {detail}",
            is_start=icon == "package",
        )
        for (icon, title, detail, chip, tone, width), corner in zip(
            _THINGS, _DRAWN.corners, strict=True
        )
    ],
    lines=[
        Line(route.path, label, route.label, source=source, words=label)
        for (_, label, source), route in zip(_LINKS, _DRAWN.routes, strict=True)
    ],
    icons=sorted({icon for icon, *_ in _THINGS}),
    words="credit-default version 12 with 2 things upstream and 1 thing downstream",
    scale="normal",
)

GRAPH = Piece(
    "graph",
    "What lies around something, from left to right. Every card is a link; a table says the same.",
    (
        State(
            "Observed, declared, inferred",
            '{% include "components/graph.html" with graph=graph label="Lineage of credit-default"'
            ' anchor="sample-graph" scales=scales only %}',
            {
                "graph": PICTURE,
                "scales": (
                    {"label": "Small", "url": "#graph"},
                    {"label": "Normal", "url": "#graph", "current": True},
                    {"label": "Large", "url": "#graph"},
                ),
            },
        ),
    ),
)
