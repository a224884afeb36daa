"""The pages of one version."""

from typing import Any

import pytest
from django.urls import reverse

from apps.approvals import operations as approvals
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog import prompts
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.catalog.sources import Claim
from apps.catalog.training import MetricFacts, RunFacts
from apps.core.clock import database_now
from apps.integrations.models import ImportJob
from apps.validation import checks
from apps.validation import operations as validation
from tests import scenarios
from tests.approvals import exceptions
from tests.console import walk
from tests.console.conftest import Reads
from tests.factories import actor

pytestmark = pytest.mark.django_db

PAGES = ("version", "version_files", "version_metrics", "version_card", "version_history")


def page(version: ModelVersion, name: str = "version") -> str:
    return reverse(f"models:{name}", args=[version.model.name, version.number])


@pytest.mark.parametrize("name", PAGES)
def test_a_version_nobody_showed_the_reader_is_not_there(opens: Reads, name: str) -> None:
    version = scenarios.registered_version()

    assert opens(scenarios.stranger(), page(version, name)).status == 404
    assert opens(scenarios.auditor(), page(version, name)).status == 200


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_a_version_leads_to_the_others(opens: Reads, name: str) -> None:
    version = scenarios.registered_version()

    answer = opens(scenarios.auditor(), page(version, name))

    assert "Overview Files 3 Metrics 2 Card " in answer.words
    assert f" Checks {len(checks.NAMES)} " in answer.words
    assert all(answer.has_link(page(version, other)) for other in PAGES)
    assert answer.source.count('aria-current="page">') >= 2


TABS = (
    *(f"models:{name}" for name in (*PAGES, "version_inventory", "version_lineage")),
    *(f"validation:{name}" for name in ("checks", "attestations", "evidence", "documents")),
)


def test_a_version_has_one_heading_on_all_its_pages_though_its_model_has_a_title(
    opens: Reads,
) -> None:
    model = scenarios.registered_model(title="Breast mass triage")
    version = scenarios.registered_version(model)

    for name in TABS:
        answer = opens(scenarios.auditor(), reverse(name, args=[model.name, version.number]))
        assert f" {model.name}, version 1 Development " in answer.words, name


# -- overview


def test_the_overview_says_what_the_version_is(opens: Reads) -> None:
    version = scenarios.registered_version(
        description="Adds a feature.",
        framework="scikit-learn 1.7.2",
        python_version="3.11.7",
        packages=["numpy==2.2.1"],
        code_repository="https://git.example/models",
        code_commit="4be12f9a0c",
        code_is_dirty=True,
    )

    words = opens(scenarios.auditor(), page(version)).words

    for told in (
        f"{version.model.name}, version 1 Development Adds a feature.",
        "Inputs x double n long Outputs y double",
        "Input Row 1 Row 2 x 0.5 1.5 n 1 2",
        "auc higher is better holdout 0.91 0.89 to 0.93",
        "Commit 4be12f9a0c, with uncommitted changes",
        "Framework scikit-learn 1.7.2",
        "1 package numpy==2.2.1",
        "Contributors Dev Developer",
    ):
        assert told in words


def test_metrics_stand_beside_the_champion_and_say_what_is_better(opens: Reads) -> None:
    champion = walk.in_production()
    better = RunFacts(
        name="",
        parameters={},
        metrics=(MetricFacts("auc", 0.95, "holdout", higher_is_better=True),),
    )
    version = scenarios.registered_version(champion.model, run=better)

    words = opens(scenarios.auditor(), page(version)).words

    assert "Against version 1" in words
    assert "+0.04 better" in words


def test_readiness_is_judged_before_anybody_asks(opens: Reads) -> None:
    version = scenarios.registered_version()

    answer = opens(scenarios.developer(), page(version))

    assert "Ready for staging? 4 left" in answer.words
    assert "3 conditions met Stored files match their digest" in answer.words
    assert "Sign-off by Model owner missing" in answer.words
    assert "Nothing was asked for yet." in answer.words
    assert answer.has_link(reverse("approvals:request", args=[version.model.name, 1]))


def test_an_open_request_takes_the_place_of_the_button(opens: Reads) -> None:
    request = walk.requested(walk.checked())

    answer = opens(scenarios.auditor(), page(request.version))

    assert f"See {request}" in answer.words
    assert answer.has_link(request.get_absolute_url())


def test_a_button_that_cannot_be_used_says_why(opens: Reads) -> None:
    version = scenarios.registered_version()
    retired = exceptions.retired().version

    may_not = opens(scenarios.auditor(), page(version))
    nothing = opens(scenarios.developer(), page(retired))

    assert "Ask Olivia Owner, the model's owner, or a developer to request it." in may_not.words
    assert "Nothing leads on from decommissioned." in nothing.words
    for answer, shown in ((may_not, version), (nothing, retired)):
        path = reverse("approvals:request", args=[shown.model.name, shown.number])
        assert not answer.has_link(path)
        assert "Other moves" not in answer.words


def test_in_production_renewal_is_judged_and_archiving_can_be_asked_for(opens: Reads) -> None:
    version = walk.in_production()
    asking = reverse("approvals:request", args=[version.model.name, version.number])
    until = version.authorizations.get().valid_until

    answer = opens(scenarios.developer(), page(version))

    assert "Ready for renewal? 1 left" in answer.words
    assert "Sign-off by Model risk officer missing" in answer.words
    assert answer.has_link(asking)
    assert "Ask for renewal" in answer.words
    assert answer.has_link(f"{asking}?to=archived")
    assert until is not None
    assert f"Authorization Until {until.day} {until:%b %Y}" in answer.words
    assert (
        f"Authorization: Until {until.day}"
        in opens(scenarios.developer(), version.model.get_absolute_url()).words
    )
    assert "Other moves" not in opens(scenarios.auditor(), page(version)).words
    request = walk.requested(version, Stage.ARCHIVED)
    asked = opens(scenarios.developer(), page(version))
    assert "Ready to be archived? 1 left" in asked.words
    assert f"Asked for in {request}" in asked.words
    assert not asked.has_link(f"{asking}?to=archived")


def test_a_candidate_can_be_sent_back_or_set_aside_even_while_it_is_asked_for(
    opens: Reads,
) -> None:
    version = walk.staged()
    walk.requested(version, Stage.PRODUCTION)

    answer = opens(scenarios.developer(), page(version))

    for name in ("send_back", "set_aside"):
        path = reverse(f"approvals:{name}", args=[version.model.name, version.number])
        assert answer.has_link(path), name
        assert not opens(scenarios.operator(), page(version)).has_link(path)


def test_an_archived_version_is_decommissioned_or_returned_to_by_a_request(opens: Reads) -> None:
    first = walk.in_production()
    walk.in_production(first.model)
    asking = reverse("approvals:request", args=[first.model.name, first.number])

    developer = opens(scenarios.developer(), page(first))
    operator = opens(scenarios.operator(), page(first))

    assert "Ready to be decommissioned?" in developer.words
    assert "Ask to decommission" in developer.words
    assert operator.has_link(f"{asking}?to=production")
    assert not developer.has_link(f"{asking}?to=production")
    assert (
        f"Ask to go back to {first}" in opens(scenarios.operator(), f"{asking}?to=production").words
    )


def test_a_version_without_facts_says_what_is_missing(opens: Reads) -> None:
    version = scenarios.registered_version(signature=None, input_example=None, run=None)

    words = opens(scenarios.auditor(), page(version)).words

    assert "No signature is declared" in words
    assert "Nothing was measured on a named dataset" in words
    assert "Neither run nor code is recorded." in words
    assert "No environment is recorded." in words


@pytest.mark.parametrize(
    ("signature", "told"),
    [
        (
            {"inputs": [{"type": "double"}, {"name": "x", "type": "long"}]},
            "This part cannot be read",
        ),
        (
            {
                "inputs": [
                    {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28]}}
                ]
            },
            "float32 any × 28 × 28",
        ),
        ({"inputs": [{"name": "x", "type": "long", "required": False}]}, "x long optional"),
    ],
)
def test_a_signature_is_shown_in_every_form(opens: Reads, signature: Any, told: str) -> None:
    version = scenarios.registered_version(signature=signature, input_example=None)

    assert told in opens(scenarios.auditor(), page(version)).words


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ({"x": [1, 2], "n": ["a", None]}, "2 rows Input Row 1 Row 2 n a x 1 2"),
        (
            [{"x": row} for row in range(9)],
            "the first 5 of 9 rows Input Row 1 Row 2 Row 3 Row 4 Row 5 x 0 1 2 3 4",
        ),
        ({"image": [[[0, 1]]]}, "As it was sent"),
        ("plain", "As it was sent"),
    ],
)
def test_an_input_example_is_a_table_where_it_can_be(opens: Reads, example: Any, told: str) -> None:
    version = scenarios.registered_version(signature=None, input_example=example)

    assert told in opens(scenarios.auditor(), page(version)).words


# -- files


def test_files_are_listed_with_size_and_digest_and_can_be_taken(opens: Reads) -> None:
    version = scenarios.registered_version()

    answer = opens(scenarios.auditor(), page(version, "version_files"))
    taken = opens(
        scenarios.auditor(), reverse("models:download", args=[version.model.name, 1, "README.md"])
    )

    assert "MLmodel 12 bytes" in answer.words
    assert version.content_digest[-4:] in answer.words
    assert taken.response.getvalue() == "# A model ✓\n".encode()
    assert AuditEvent.objects.filter(
        action="version.download", subject_id=version.record_id
    ).exists()


@pytest.mark.parametrize("path", ["absent.bin", "a%00b", "..%2fsecret"])
def test_a_file_that_is_not_there_cannot_be_taken(opens: Reads, path: str) -> None:
    version = scenarios.registered_version()

    answer = opens(scenarios.auditor(), f"{page(version, 'version_files')}{path}")

    assert answer.status == 404


def test_files_need_as_many_queries_for_forty_as_for_three(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    reader = scenarios.auditor()
    few = scenarios.registered_version()
    many = scenarios.registered_version(
        files={f"part-{number:02}": bytes([number]) for number in range(40)}
    )
    opens(reader, page(few, "version_files"))
    with django_assert_max_num_queries(40) as counted:
        opens(reader, page(few, "version_files"))
    with django_assert_max_num_queries(len(counted)):
        words = opens(reader, page(many, "version_files")).words
    assert words.index("part-00") < words.index("part-39")


# -- metrics


def test_metrics_are_grouped_by_dataset_with_slices_after_the_whole(opens: Reads) -> None:
    words = opens(
        scenarios.auditor(), page(scenarios.registered_version(), "version_metrics")
    ).words

    assert "holdout Measure Slice This version Interval" in words
    assert "all 0.91 0.89 to 0.93 auc higher is better age<30 0.88" in words
    assert "depth 3" in words


def test_a_measure_the_champion_lacks_is_said_to_be_missing(opens: Reads) -> None:
    champion = walk.in_production()
    other = RunFacts(
        name="", parameters={}, metrics=(MetricFacts("brier", 0.1, "", higher_is_better=False),)
    )
    version = scenarios.registered_version(champion.model, run=other)

    words = opens(scenarios.auditor(), page(version, "version_metrics")).words

    assert "Without a dataset" in words
    assert "not measured" in words


def test_a_series_is_drawn_with_its_values_as_a_table(opens: Reads) -> None:
    steps = tuple(
        MetricFacts("loss", 1 / (step + 1), "train", step=step, higher_is_better=False)
        for step in range(120)
    )
    version = scenarios.registered_version(run=RunFacts(name="", parameters={}, metrics=steps))

    answer = opens(scenarios.auditor(), page(version, "version_metrics"))

    assert 'aria-label="Falls from 1 to 0.008333 over 120 steps"' in answer.source
    assert '<path class="line" d="M' in answer.source
    assert "Some of the values Step Value 0 1" in answer.words
    assert "119 0.008333" in answer.words
    assert "style=" not in answer.source


def test_nothing_measured_says_what_to_send(opens: Reads) -> None:
    version = scenarios.registered_version(run=None)

    assert (
        "Nothing was measured" in opens(scenarios.auditor(), page(version, "version_metrics")).words
    )


# -- history


def test_the_history_tells_what_happened_to_a_version_newest_first(opens: Reads) -> None:
    version = walk.in_production()
    other = scenarios.registered_version(version.model)

    words = opens(scenarios.auditor(), page(version, "version_history")).words

    told = [
        f"Promoted {version} to production by Otto Operator “Agreed.” staging → production",
        f"Signed off {version} to production by Rita Risk “The evidence holds.”",
        f"Requested the promotion of {version} to staging by Dev Developer",
        f"Check passed: Schema on {version} by Worker",
        f"Registered {version} by Dev Developer",
    ]
    assert [words.find(line) for line in told] == sorted(words.find(line) for line in told)
    assert all(line in words for line in told)
    assert str(other) not in words


def test_a_rollback_and_an_alias_belong_to_the_history_of_their_versions(opens: Reads) -> None:
    first = walk.in_production()
    second = walk.in_production(first.model)
    catalog.set_alias(first.model, "fallback", first, by=actor(scenarios.developer()))
    approvals.roll_back(first.model, by=actor(walk.operator()), reason="It drifts.")

    words = opens(scenarios.auditor(), page(first, "version_history")).words

    assert (
        f"Rolled back {first.model.name} by Otto Operator “It drifts.” {second} → {first}" in words
    )
    assert f"Set an alias of {first.model.name} by Dev Developer @fallback → {first}" in words


def test_tags_people_gave_are_shown_and_those_clients_keep_are_not(opens: Reads) -> None:
    version = scenarios.registered_version()
    by = actor(scenarios.developer())
    catalog.set_version_tag(version, "reviewed", "yes", by=by)
    catalog.set_version_tag(version, "mlflow.source", "x", by=by)

    words = opens(scenarios.auditor(), page(version)).words

    assert "Tags reviewed=yes " in words
    assert "mlflow.source" not in words


def test_a_version_whose_files_lie_elsewhere_says_so(opens: Reads) -> None:
    by = actor(scenarios.developer())
    version = validation.register_source_and_check(
        scenarios.registered_model(), Claim("s3://elsewhere/model"), by=by, tags={}
    )
    at = page(version)

    assert (
        "Kept elsewhere, so no check and no gate can see them."
        in opens(scenarios.auditor(), at).words
    )
    now = database_now()
    ImportJob.objects.create(version=version, queued_at=now, next_at=now)
    assert "Files Waiting to be fetched" in opens(scenarios.auditor(), at).words


def test_a_prompt_shows_its_text_and_no_empty_measures(opens: Reads) -> None:
    text = "Write to {{ name }} <b>kindly</b>."
    tags = {prompts.IS_PROMPT: "true", prompts.TEXT: text}
    model = scenarios.registered_model("letter", kind="prompt", tags={prompts.IS_PROMPT: "true"})
    version = validation.register_source_and_check(
        model, Claim("dummy-source"), by=actor(scenarios.developer()), tags=tags
    )

    shown = opens(scenarios.auditor(), page(version))

    assert text in shown.words
    assert "Nothing was measured" not in shown.words
    assert "dummy-source" not in shown.words
