"""What asks for something: buttons, fields, files, and the answers to them."""

from apps.console.gallery import samples
from apps.console.gallery.pieces import Group, Piece, State

FORM = (
    '<form class="measure" novalidate>\n'
    "  {% for bound in form %}{% field bound focus=False %}{% endfor %}\n"
    "</form>"
)

ASKING = Group(
    "Actions and answers",
    (
        Piece(
            "button",
            "One primary button a page. One that cannot be used now says what would enable it.",
            (
                State(
                    "Kinds",
                    '<div class="cluster">\n'
                    '  {% include "components/button.html" with label="Sign" kind="primary"'
                    ' icon="pen-line" type="button" only %}\n'
                    '  {% include "components/button.html" with label="Export dossier"'
                    ' href="#button" only %}\n'
                    '  {% include "components/button.html" with label="Edit" kind="quiet"'
                    ' type="button" only %}\n'
                    '  {% include "components/button.html" with label="Withdraw"'
                    ' kind="quiet danger" type="button" only %}\n'
                    "</div>",
                ),
                State(
                    "Not usable now",
                    '{% include "components/button.html" with label="Promote" kind="primary"'
                    ' type="button" disabled=True why="Opens when Risk and compliance signs: any'
                    ' one of M. Okafor, P. Novak." only %}',
                ),
            ),
        ),
        Piece(
            "field",
            "Label, hint, control and error belong together; what was typed stays.",
            (
                State("Untouched", FORM, {"form": samples.FRESH}),
                State("With errors", FORM, {"form": samples.REFUSED}),
            ),
        ),
        Piece(
            "search_line",
            "Looks through one list; what else was chosen stays.",
            (
                State(
                    "With words in it",
                    '{% include "components/search_line.html" with label="Search models"'
                    ' text="credit" placeholder="Name, title, owner, tag or digest" only %}',
                ),
            ),
        ),
        Piece(
            "errors",
            "What is wrong with a form as a whole. It takes the focus when the page opens.",
            (
                State(
                    "Refused",
                    '{% include "components/errors.html" with form=form still=True only %}',
                    {"form": samples.OUTDATED},
                ),
            ),
        ),
        Piece(
            "dropzone",
            "Files or a whole folder; without JavaScript a plain choice of files.",
            (
                State(
                    "Empty",
                    '{% include "components/dropzone.html" with label="Drop files or a folder'
                    ' here" hint="Up to 10 000 files, 100 GB each. Folders keep their paths."'
                    ' id="drop_fresh" only %}',
                ),
                State(
                    "Refused",
                    '{% include "components/dropzone.html" with label="Drop files or a folder'
                    ' here" hint="Up to 10 000 files, 100 GB each." id="drop_refused"'
                    " errors=errors only %}",
                    {"errors": ("model.onnx is empty. Choose the complete file.",)},
                ),
            ),
        ),
        Piece(
            "sign_in",
            "The way in.",
            (
                State(
                    "Fresh",
                    '{% include "components/sign_in.html" with form=form title="Sign in to Signet"'
                    ' lead="The record of models in use." action="Sign in" level=3'
                    ' note="Forgotten your password? Your administrator can set a new one."'
                    " csrf_token=csrf_token only %}",
                    {"form": samples.SIGN_IN},
                ),
            ),
        ),
        Piece(
            "notice",
            "Something to know before going on.",
            (
                State(
                    "News, good, warning, bad",
                    '<div class="stack" data-gap="close">\n'
                    '  {% include "components/notice.html" with text="This page shows the version'
                    ' as it was on 3 March 2026." href="#notice" link="Show it today" only %}\n'
                    '  {% include "components/notice.html" with text="credit-default v12 is now'
                    ' in production." tone="good" only %}\n'
                    '  {% include "components/notice.html" with title="Void."'
                    ' text="The check results changed after this was signed." tone="warn" only %}\n'
                    '  {% include "components/notice.html" with title="Unsafe."'
                    ' text="This file calls code when it is loaded. It is kept, and cannot be'
                    ' promoted." tone="bad" only %}\n'
                    "</div>",
                ),
            ),
        ),
        Piece(
            "as_of",
            "That a page shows what was true then: hatched and framed, in print too.",
            (
                State(
                    "One moment",
                    '{% include "components/as_of.html" with'
                    ' words="31 March 2026, at its end (UTC)"'
                    ' what="credit-default" today="#as_of" only %}',
                ),
                State(
                    "Two moments",
                    '{% include "components/as_of.html" with'
                    ' words="31 March 2026, at its end (UTC)"'
                    ' until="30 June 2026, at its end (UTC)" what="credit-default"'
                    ' today="#as_of" only %}',
                ),
            ),
        ),
        Piece(
            "messages",
            "The answer to what was just done, at the top of the next page.",
            (
                State(
                    "Two answers",
                    '{% include "components/messages.html" with messages=messages only %}',
                    {
                        "messages": (
                            {"level_tag": "success", "message": "Sign-off given."},
                            {"level_tag": "warning", "message": "One slot is still open."},
                        )
                    },
                ),
            ),
        ),
        Piece(
            "empty",
            "What belongs here, and the first step.",
            (
                State(
                    "First step offered",
                    '{% include "components/empty.html" with title="No versions yet"'
                    ' text="Register the first from the MLflow client, or drop its files here."'
                    ' icon="folder" href="#empty" action="Register a version" only %}',
                ),
                State(
                    "Nothing to do",
                    '{% include "components/empty.html" with title="Nothing waits on you"'
                    ' text="What you have to decide appears here, oldest deadline first."'
                    ' icon="inbox" only %}',
                ),
            ),
        ),
    ),
)
