"""What carries a judgment: conditions, checks, sign-offs, and how far they are."""

from apps.console.gallery.pieces import Group, Piece, State
from apps.console.gallery.telling import AT, DIGEST

STAGES = (
    {"label": "Development", "state": "past"},
    {"label": "Staging", "state": "current"},
    {"label": "Production", "state": "next"},
    {"label": "Archived"},
    {"label": "Decommissioned"},
)

PROBLEMS = (
    {
        "severity": "high",
        "text": "Calls posix.system, which is not on the allowed list.",
        "place": "model.pkl, byte 1204",
        "remedy": "Save the model as skops or ONNX and register it again.",
    },
    {
        "severity": "low",
        "text": "Protocol 3 is older than the current one.",
        "place": "model.pkl",
    },
)

FACTS = (
    {
        "name": "version.reviewers",
        "value": "none",
        "source": "Version record",
        "meaning": "Who reviewed the change.",
    },
)

TICKS = (
    {"text": "Checks: 10 passed", "tone": "good"},
    {"text": "Vulnerabilities: fix or waiver", "tone": "warn", "href": "#ticks"},
    {"text": "Documents: 1 missing", "tone": "bad"},
    {"text": "Sign-offs: 2 of 3", "tone": "info"},
    {"text": "Monitoring: not asked for", "tone": "idle"},
)

JUDGING = Group(
    "Judgment",
    (
        Piece(
            "stages",
            "Where a version is in its life, and where it would go.",
            (
                State(
                    "On the way to production",
                    '{% include "components/stages.html" with stages=stages only %}',
                    {"stages": STAGES},
                ),
            ),
        ),
        Piece(
            "row",
            "One thing that waits, with the numbers that matter in one line.",
            (
                State(
                    "Urgent, plain, past",
                    '<ul class="rows">\n'
                    '  {% include "components/row.html" with title="Promote credit-default v12 to'
                    ' production" href="#row" icon="clock" tone="bad" status="Due in 3 days"'
                    ' status_tone="bad" text="Sign as Risk and compliance · tier 1 · 10 of 11'
                    ' checks passed · 2 of 3 sign-offs given" action="Review"'
                    ' action_href="#row" primary=True only %}\n'
                    '  {% include "components/row.html" with title="Close finding F-71: no champion'
                    ' fallback" href="#row" icon="pen-line" text="Evidence attached by J. Torres ·'
                    ' medium · fraud-score v8" action="Review" action_href="#row" only %}\n'
                    '  {% include "components/row.html" with title="fraud-score v8 promoted"'
                    ' href="#row" icon="check" tone="good" when=at only %}\n'
                    "</ul>",
                    {"at": AT},
                ),
            ),
        ),
        Piece(
            "verdict_row",
            "One condition of a gate with its verdict. One that is not met says what would help.",
            (
                State(
                    "Met, not met, warning, waived, waiting, no evidence",
                    '<ul class="rows">\n'
                    '  {% include "components/verdict_row.html" with title="Every file is intact"'
                    ' state="met" reason="7 files, 48.2 MB, every digest equal to the registered'
                    ' one." cites="21 CFR 11.10(a) · EU AI Act Art. 15(5)" only %}\n'
                    '  {% include "components/verdict_row.html" with title="No known'
                    ' vulnerability" state="unmet" reason="1 advisory rated high: pillow 10.2.0."'
                    ' remedy="Rebuild with 10.3.0, or ask Security for a waiver."'
                    ' action="Ask for waiver" action_href="#verdict_row" only %}\n'
                    '  {% include "components/verdict_row.html" with title="Change reviewed"'
                    ' state="warned" reason="No reviewer is named; this tier only warns."'
                    " facts=facts only %}\n"
                    '  {% include "components/verdict_row.html" with title="Reproducible"'
                    ' state="waived" reason="Waived by A. Rahman until 21 February." only %}\n'
                    '  {% include "components/verdict_row.html" with title="Inference in sandbox"'
                    ' state="pending" reason="The check is running." only %}\n'
                    '  {% include "components/verdict_row.html" with title="Fair across age'
                    ' bands" state="unknown" reason="No metric by age band is registered."'
                    ' remedy="Register selection rates by slice." only %}\n'
                    "</ul>",
                    {"facts": FACTS},
                ),
            ),
        ),
        Piece(
            "disclosure",
            "What most readers pass over, one click away.",
            (
                State(
                    "Folded away",
                    '{% sheet "Gate" level=4 anchor="disclosure_gate" %}\n'
                    '  <div class="body">Every condition is met.</div>\n'
                    '  {% disclosure "2 conditions met" %}\n'
                    '    <ul class="rows">{% include "components/verdict_row.html" with'
                    ' title="Every file is intact" state="met" only %}</ul>\n'
                    "  {% enddisclosure %}\n"
                    "{% endsheet %}",
                ),
                State(
                    "Open",
                    '{% disclosure "Withdraw this request" opened=True %}'
                    '<div class="body">It stays on record.</div>{% enddisclosure %}',
                ),
            ),
        ),
        Piece(
            "check_row",
            "One run of a check on one digest; it shows progress in place.",
            (
                State(
                    "Passed, running, queued, out of date, could not finish",
                    '<ul class="rows">\n'
                    '  {% include "components/check_row.html" with title="Artifact integrity"'
                    ' href="#check_row" state="passed" text="7 files, every digest recomputed'
                    ' from storage." elapsed=1.2 only %}\n'
                    '  {% include "components/check_row.html" with title="Unsafe code"'
                    ' state="running" text="Reading model.skops, 3 of 7 files." elapsed=14'
                    " only %}\n"
                    '  {% include "components/check_row.html" with title="Schema"'
                    ' state="queued" text="Starts when a worker is free." only %}\n'
                    '  {% include "components/check_row.html" with title="Dependencies"'
                    ' state="stale" text="Ran 41 days ago; the policy asks for 30."'
                    ' action="Run again" action_href="#check_row" only %}\n'
                    '  {% include "components/check_row.html" with title="Inference in sandbox"'
                    ' state="errored" text="The worker was stopped three times."'
                    ' action="Run again" action_href="#check_row" only %}\n'
                    "</ul>",
                ),
                State(
                    "Failed, with its problems",
                    '<ul class="rows">\n'
                    '  {% include "components/check_row.html" with title="Unsafe code"'
                    ' href="#check_row" state="failed" text="2 problems in 1 of 7 files."'
                    " problems=problems elapsed=0.4 only %}\n"
                    "</ul>",
                    {"problems": PROBLEMS},
                ),
            ),
        ),
        Piece(
            "sign_off_row",
            "One slot of a gate: who may sign, who did, and what the signature binds.",
            (
                State(
                    "Given, on conditions, yours, waiting, asking, declined, void, withdrawn",
                    '<ul class="rows">\n'
                    '  {% include "components/sign_off_row.html" with slot="Independent'
                    ' validation" state="given" person="A. Rahman" reason="Challenger tests'
                    ' reproduced; age-band ratio inside its limit." at=at meaning="review"'
                    " digest=digest"
                    ' entry=48213 action="Withdraw your sign-off"'
                    ' action_href="#sign_off_row" only %}\n'
                    '  {% include "components/sign_off_row.html" with slot="Business sponsor"'
                    ' state="conditional" person="P. Lund" in_place_of="K. Berg" reason="Watch'
                    ' the age band." at=at only %}\n'
                    '  {% include "components/sign_off_row.html" with slot="Privacy"'
                    ' state="changes" person="L. Sato" reason="Show the slices." note="Not'
                    ' answered yet." at=at only %}\n'
                    '  {% include "components/sign_off_row.html" with slot="Risk and compliance"'
                    ' state="yours" note="Any one of 4 reviewers who did not build, request or'
                    ' validate this version. Due 26 November." only %}\n'
                    '  {% include "components/sign_off_row.html" with slot="Security"'
                    ' state="waiting" note="Any one of 2 security reviewers." only %}\n'
                    '  {% include "components/sign_off_row.html" with slot="Model owner"'
                    ' state="declined" person="J. Torres" reason="The holdout set predates the'
                    ' rate change." at=at entry=48220 only %}\n'
                    '  {% include "components/sign_off_row.html" with slot="Operations"'
                    ' state="void" person="S. Iwu" reason="Capacity confirmed." note="The check'
                    ' results changed afterwards; it must be given again." at=at only %}\n'
                    '  {% include "components/sign_off_row.html" with slot="Operations"'
                    ' state="withdrawn" person="S. Iwu" reason="Capacity confirmed."'
                    ' note="Withdrawn by the signer: “I read the wrong version.”" at=at'
                    " only %}\n"
                    "</ul>",
                    {"at": AT, "digest": DIGEST},
                ),
            ),
        ),
        Piece(
            "meter",
            "How much of a whole is done, in tones, with the numbers in words beside it.",
            (
                State(
                    "Partly done",
                    '{% meter "10 of 12 conditions met, 1 waits for a waiver" total=12 good=10'
                    " warn=1 %}",
                ),
                State(
                    "Whole",
                    '{% meter "197 in order, 13 due, 4 out of order" total=214'
                    " good=197 warn=13 bad=4 %}",
                ),
                State("Nothing yet", '{% meter "0 of 3 sign-offs given" total=3 good=0 %}'),
            ),
        ),
        Piece(
            "progress",
            "Work that goes on now: what, how far, how long.",
            (
                State(
                    "Total known",
                    '{% include "components/progress.html" with label="Hashing files" done=3'
                    ' total=7 detail="3 of 7 · 14 s" only %}',
                ),
                State(
                    "Total unknown",
                    '{% include "components/progress.html" with label="Waiting for a worker"'
                    ' detail="2 s" only %}',
                ),
            ),
        ),
        Piece(
            "ticks",
            "A short list of what is done and what is not.",
            (
                State(
                    "Readiness",
                    '{% include "components/ticks.html" with items=items only %}',
                    {"items": TICKS},
                ),
            ),
        ),
        Piece(
            "timeline_entry",
            "One entry of the record: what, who, why, when.",
            (
                State(
                    "A version's story",
                    '<ol class="timeline">\n'
                    '  {% include "components/timeline_entry.html" with title="Promoted to'
                    ' production" href="#timeline_entry" person="Lea Marsh" at=at icon="arrow-up"'
                    ' tone="good" reason="Quarterly refresh" details=details entry=48231'
                    " digest=digest only %}\n"
                    '  {% include "components/timeline_entry.html" with title="Promotion refused"'
                    ' person="Jorge Torres" at=at icon="ban" tone="bad" details=refusal'
                    " entry=48226 only %}\n"
                    '  {% include "components/timeline_entry.html" with title="Registered"'
                    ' person="Dana Lindqvist" at=at icon="plus" entry=48190 only %}\n'
                    "</ol>",
                    {
                        "at": AT,
                        "digest": DIGEST,
                        "details": ("staging → production", "alias champion moved from v11"),
                        "refusal": ("Requesters do not sign their own request.",),
                    },
                ),
            ),
        ),
    ),
)
