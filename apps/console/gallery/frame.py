"""What holds a page together: where one is, what this is, and the sheets it is written on."""

from apps.console.gallery.pieces import Group, Piece, State

VERSION_TABS = (
    {"label": "Overview", "url": "#tabs", "current": True},
    {"label": "Files", "url": "#tabs", "count": 7},
    {"label": "Metrics", "url": "#tabs", "count": 12},
    {"label": "Checks", "url": "#tabs", "count": 11},
    {"label": "History", "url": "#tabs"},
)

FACETS = (
    {
        "title": "Stage",
        "options": (
            {"label": "Production", "url": "#filters", "count": 214, "current": True},
            {"label": "Staging", "url": "#filters", "count": 61},
            {"label": "Development", "url": "#filters", "count": 1009},
        ),
    },
    {
        "title": "Owner",
        "options": (
            {"label": "J. Torres", "url": "#filters", "count": 9},
            {"label": "S. Iwu", "url": "#filters", "count": 4},
        ),
    },
)

SECTIONS = (
    {"id": "a", "title": "Materiality", "url": "#steps", "progress": "6 of 6", "is_done": True},
    {"id": "b", "title": "Complexity", "url": "#steps", "progress": "2 of 7"},
    {
        "id": "c",
        "title": "Use",
        "url": "#steps",
        "progress": "3 of 3, 2 to confirm",
        "unconfirmed": 2,
    },
)

FRAME = Group(
    "The page",
    (
        Piece(
            "crumbs",
            "Where this page lies. The last crumb is the page itself.",
            (
                State(
                    "Three levels deep",
                    '{% include "components/crumbs.html" with crumbs=crumbs'
                    ' here="Version 12" only %}',
                    {"crumbs": (("Models", "#crumbs"), ("credit-default", "#crumbs"))},
                ),
            ),
        ),
        Piece(
            "steps",
            "The parts of something long, each with how far it is; the one shown is marked.",
            (
                State(
                    "One done, one open, one to confirm",
                    '{% include "components/steps.html" with label="Sections" steps=steps'
                    ' here="b" only %}',
                    {"steps": SECTIONS},
                ),
            ),
        ),
        Piece(
            "titlebar",
            "What this is, in a title and one sentence, with what can be done here.",
            (
                State(
                    "Title, statuses, sentence, actions",
                    '{% titlebar "credit-default, version 12" level=4 statuses=statuses'
                    ' lead="Probability of default within 12 months for unsecured loans." %}\n'
                    '  {% include "components/button.html" with label="Compare"'
                    ' href="#titlebar" only %}\n'
                    '  {% include "components/button.html" with label="Request promotion"'
                    ' kind="primary" href="#titlebar" only %}\n'
                    "{% endtitlebar %}",
                    {
                        "statuses": (
                            {"label": "Staging", "tone": "info"},
                            {"label": "@challenger"},
                        )
                    },
                ),
                State("Title alone", '{% titlebar "Models" level=4 %}{% endtitlebar %}'),
            ),
        ),
        Piece(
            "tabs",
            "The pages of one thing. On a narrow screen they scroll.",
            (
                State(
                    "With counts",
                    '{% include "components/tabs.html" with label="Version 12" tabs=tabs only %}',
                    {"tabs": VERSION_TABS},
                ),
            ),
        ),
        Piece(
            "sheet",
            "White paper with a heading; holds a body, rows or a table, and a footer.",
            (
                State(
                    "Aside, link, body and footer",
                    '{% sheet "Risk" aside="signed 18 November" href="#sheet"'
                    ' link="open assessment" %}\n'
                    '  <div class="body columns">\n'
                    "    <div><small>Tier</small><p><strong>Tier 1</strong>, material</p></div>\n"
                    "    <div><small>Open findings</small><p>1 medium, due 12 December</p></div>\n"
                    "  </div>\n"
                    "  <footer>Next review 18 May 2027</footer>\n"
                    "{% endsheet %}",
                ),
                State(
                    "With a status",
                    '{% sheet "Record" status="Verified" tone="good" icon="award" %}\n'
                    '  <div class="body small"><p>48 231 entries, complete and unaltered.</p>\n'
                    '  <p class="seal">root 5b1e…70aa · tree size 48231</p></div>\n'
                    "{% endsheet %}",
                ),
            ),
        ),
        Piece(
            "table",
            "Numbers to the right, units beside them. The wrapper scrolls, the page never does.",
            (
                State(
                    "Rows",
                    '{% table "In production now" %}\n'
                    '  <thead><tr><th scope="col">Model</th><th scope="col" class="num">Version'
                    '</th><th scope="col">Runs in</th><th scope="col">Owner</th>'
                    '<th scope="col">Standing</th></tr></thead>\n'
                    "  <tbody>{% for row in rows %}<tr>\n"
                    '    <th scope="row"><a href="#table">{{ row.model }}</a></th>'
                    '<td class="num">{{ row.version }}</td><td>{{ row.place }}</td>'
                    "<td>{{ row.owner }}</td>\n"
                    '    <td>{% include "components/status.html" with label=row.standing'
                    " tone=row.tone icon=row.icon only %}</td>\n"
                    "  </tr>{% endfor %}</tbody>\n"
                    "{% endtable %}",
                    {
                        "rows": (
                            {
                                "model": "credit-default",
                                "version": 11,
                                "place": "eu-prod, us-prod",
                                "owner": "J. Torres",
                                "standing": "In order",
                                "tone": "good",
                                "icon": "check",
                            },
                            {
                                "model": "fraud-score",
                                "version": 8,
                                "place": "eu-prod",
                                "owner": "S. Iwu",
                                "standing": "Review due 1 Dec",
                                "tone": "warn",
                                "icon": "clock",
                            },
                            {
                                "model": "churn-telco",
                                "version": 31,
                                "place": "eu-prod",
                                "owner": "L. Marsh",
                                "standing": "Serving v30, not v31",
                                "tone": "bad",
                                "icon": "triangle-alert",
                            },
                        )
                    },
                ),
            ),
        ),
        Piece(
            "pagination",
            "The pages beside this one. It never counts what it does not show.",
            (
                State(
                    "In the middle",
                    '{% include "components/pagination.html" with summary="Models 51 to 100"'
                    ' newer="#pagination" older="#pagination" label="Pages of models" only %}',
                ),
                State(
                    "On the first page",
                    '{% include "components/pagination.html" with summary="The newest 50 entries"'
                    ' older="#pagination" label="Pages of entries" only %}',
                ),
                State(
                    "Everything fits",
                    '{% include "components/pagination.html" with summary="All 7 files"'
                    ' label="Pages of files" only %}',
                ),
            ),
        ),
        Piece(
            "filters",
            "Facets of a list, kept in the address so that a view can be sent to somebody.",
            (
                State(
                    "One chosen",
                    '{% include "components/filters.html" with label="Filter models"'
                    ' facets=facets clear="#filters" only %}',
                    {"facets": FACETS},
                ),
            ),
        ),
        Piece(
            "error_page",
            "What happened, what is still safe, what to do. Stands alone on its page.",
            (
                State(
                    "Not found",
                    '<div class="error_page">\n'
                    '  <p class="which">Error 404</p>\n'
                    "  <h3>There is nothing here that you can see</h3>\n"
                    "  <p>The address may be mistyped, or the thing may exist without you having"
                    " access to it. Its owner can give you access.</p>\n"
                    '  <p class="seal">Request 0192f0c4-7b1e-7c3a-9d55-3f2a6a1b90de</p>\n'
                    "</div>",
                ),
            ),
        ),
    ),
)
