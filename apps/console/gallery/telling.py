"""What tells a fact: statuses, names, digests, times, numbers and what changed."""

from datetime import UTC, date, datetime

from apps.console.gallery.lineage import GRAPH
from apps.console.gallery.pieces import Group, Piece, State
from apps.console.plots import LinePlot, WhiskerPlot

DIGEST = "sha256:9f2c04d1b86e5a7730fbb1c9d2f4a86155e0c3b7f1d2a9980c6e4b7a51c3e41a"
AT = datetime(2026, 11, 22, 16, 40, 12, tzinfo=UTC)

TREND = (("v1", 0.81, (0.78, 0.84)), ("v2", 0.83, (0.8, 0.86)), ("v3", 0.86, (0.84, 0.88)))
LOSS = ((0, 0.69), (1, 0.48), (2, 0.37), (3, 0.31), (4, 0.29), (5, 0.27))

SIGNATURE = """{
  "inputs": [
    {"name": "income", "type": "double", "required": true},
    {"name": "months_since_delinquency", "type": "long", "required": false}
  ],
  "threshold": 0.35,
  "notes": null
}"""

TELLING = Group(
    "Facts",
    (
        Piece(
            "status",
            "A state in one or two words. The word carries it; the tone only helps.",
            (
                State(
                    "Tones",
                    '{% include "components/status.html" with label="In order" tone="good"'
                    ' icon="check" only %}\n'
                    '{% include "components/status.html" with label="Review due 1 Dec" tone="warn"'
                    ' icon="clock" only %}\n'
                    '{% include "components/status.html" with label="Serving v30" tone="bad"'
                    ' icon="triangle-alert" only %}\n'
                    '{% include "components/status.html" with label="Staging" tone="info" only %}\n'
                    '{% include "components/status.html" with label="@challenger" only %}',
                ),
                State(
                    "Plain",
                    '{% include "components/status.html" with label="Signed by ci@bank"'
                    ' tone="good" icon="check" plain=True only %}',
                ),
            ),
        ),
        Piece(
            "answer",
            "One field of the inventory: what is recorded, or what it waits for, and who says so.",
            (
                State(
                    "Recorded, with a table",
                    '<dl>\n{% include "components/answer.html" with label="Key assumptions"'
                    ' help="Assumption, justification." value=value only %}\n'
                    "</dl>",
                    {
                        "value": {
                            "columns": ("Assumption", "Justification"),
                            "rows": [
                                ("Incomes are declared truthfully", "Checked against payroll")
                            ],
                        }
                    },
                ),
                State(
                    "Missing, and not yet known",
                    '<dl>\n{% include "components/answer.html" with label="Business line"'
                    ' status="Missing" tone="warn" by="Model owner" only %}\n'
                    '{% include "components/answer.html" with label="Next review"'
                    ' status="Not yet" tone="idle" by="Signet itself" only %}\n</dl>',
                ),
            ),
        ),
        Piece(
            "icon",
            "Stands beside a word, or carries its own for screen readers.",
            (
                State(
                    "Tones",
                    '{% icon "check" tone="good" %} {% icon "triangle-alert" tone="warn" %}'
                    ' {% icon "x" tone="bad" %} {% icon "clock" tone="info" %}'
                    ' {% icon "circle-dashed" tone="idle" %}'
                    ' {% icon "loader-circle" css="spin" label="Running" %}',
                ),
            ),
        ),
        Piece(
            "person",
            "Somebody, with initials; names are how a record is read.",
            (
                State(
                    "Alone",
                    '{% include "components/person.html" with name="Anita Rahman" only %}',
                ),
                State(
                    "Linked, with a duty",
                    '{% include "components/person.html" with name="Jorge Torres" href="#person"'
                    ' detail="model owner" only %}',
                ),
            ),
        ),
        Piece(
            "digest",
            "Shortened in the middle, copied whole, printed whole.",
            (
                State(
                    "SHA-256",
                    '{% include "components/digest.html" with value=digest only %}',
                    {"digest": DIGEST},
                ),
                State("As text", "<code>{{ digest|digest }}</code>", {"digest": DIGEST}),
            ),
        ),
        Piece(
            "time",
            "Local on the screen, UTC on paper and in the title.",
            (
                State(
                    "Full, short, day",
                    '{{ at|when }} · {{ at|when:"short" }} · {{ at|when:"day" }}',
                    {"at": AT},
                ),
                State("A date without a time", "{{ due|when }}", {"due": date(2026, 12, 12)}),
                State(
                    "Lengths and sizes",
                    "{{ short|duration }} · {{ long|duration }} · {{ size|bytes }}"
                    " · {{ count|grouped }} entries",
                    {"short": 0.412, "long": 7512, "size": 48_211_904, "count": 48_213},
                ),
            ),
        ),
        Piece(
            "facts",
            "Terms and their values, in the rail or a sheet.",
            (
                State(
                    "Every kind of value",
                    '{% include "components/facts.html" with facts=facts only %}',
                    {
                        "facts": (
                            {"term": "Owner", "person": "Jorge Torres"},
                            {"term": "Tier", "value": "1, next review 18 May"},
                            {"term": "Stage", "value": "Staging", "tone": "info"},
                            {"term": "Run", "value": "7f31c0", "href": "#facts"},
                            {"term": "Registered", "at": AT},
                            {"term": "Digest", "digest": DIGEST},
                            {
                                "term": "Integrity",
                                "value": "7 of 7 files",
                                "icon": "check",
                                "tone": "good",
                            },
                        )
                    },
                ),
            ),
        ),
        Piece(
            "figure",
            "One number that matters and what it counts.",
            (
                State(
                    "Plain and linked",
                    '<div class="columns">\n'
                    '  {% include "components/figure.html" with number="1 284"'
                    ' label="registered models, 61 of them tier 1" only %}\n'
                    '  {% include "components/figure.html" with number="4"'
                    ' label="out of order" href="#figure" only %}\n'
                    "</div>",
                ),
            ),
        ),
        Piece(
            "delta",
            "A difference with its sense said in a word: up is not always better.",
            (
                State(
                    "Better, worse, no real change",
                    '{% include "components/delta.html" with text="−0.008" sense="better" only %}'
                    " · \n"
                    '{% include "components/delta.html" with text="−0.07" sense="worse" only %}'
                    " · \n"
                    '{% include "components/delta.html" with text="+3 ms" sense="same" only %}',
                ),
            ),
        ),
        Piece(
            "metric",
            "A measured value with its unit and the interval it lies in.",
            (
                State(
                    "Interval and floor",
                    '{% metric "AUC" "0.837" low="0.821" high="0.853" level="95%" floor="0.80"'
                    ' note="holdout" %}',
                ),
                State("Value alone", '{% metric "p95 latency" "41" unit="ms" %}'),
            ),
        ),
        Piece(
            "line_chart",
            "A measure over the steps of a run, with its values as a table.",
            (
                State(
                    "A loss that falls",
                    '{% include "components/line_chart.html" with title="loss" note="train"'
                    " plot=plot points=points only %}",
                    {
                        "plot": LinePlot.of(LOSS),
                        "points": [(step, f"{loss:.2f}") for step, loss in LOSS],
                    },
                ),
            ),
        ),
        Piece(
            "whisker_chart",
            "A measure over versions, each with its interval; the version shown is marked.",
            (
                State(
                    "Three versions",
                    '{% include "components/whisker_chart.html" with title="auc" note="holdout"'
                    " plot=plot points=points only %}",
                    {
                        "plot": WhiskerPlot.of(TREND, "v3"),
                        "points": [
                            (label, f"{value:.2f}", f"{low:.2f} to {high:.2f}")
                            for label, value, (low, high) in TREND
                        ],
                    },
                ),
            ),
        ),
        GRAPH,
        Piece(
            "diff",
            "What an entry changed, before and after.",
            (
                State(
                    "Changed, added, removed, unchanged",
                    '{% include "components/diff.html" with label="What changed" rows=rows only %}',
                    {
                        "rows": (
                            {"name": "stage", "before": "staging", "after": "production"},
                            {"name": "promoted by", "before": None, "after": "usr_7"},
                            {"name": "alias", "before": "challenger", "after": None},
                            {"name": "number", "before": "12", "after": "12"},
                        )
                    },
                ),
            ),
        ),
        Piece(
            "code",
            "Text for machines, copied whole.",
            (
                State(
                    "JSON",
                    '{% include "components/code.html" with label="Signature" text=text'
                    ' language="json" only %}',
                    {"text": SIGNATURE},
                ),
                State(
                    "Plain",
                    '{% include "components/code.html" with label="Register from a shell"'
                    " text=text only %}",
                    {"text": "curl --data @version.json https://signet.example/api/v1/models"},
                ),
            ),
        ),
    ),
)
