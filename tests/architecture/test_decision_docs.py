"""The pages about policies, decisions and signatures tell the truth about the code."""

import re
from pathlib import Path

import pytest

from apps.approvals import policies, vocabulary
from apps.approvals.dry_runs.report import MOST_EXAMPLES
from apps.approvals.models import TARGETS
from apps.approvals.operations import conversation, delegations, retention, signing
from apps.core import expressions, strict_yaml
from apps.core.expressions import ExpressionError, Kind, Variables, compile_expression

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text() for name in (
    "policies", "approvals", "signatures",
)}  # fmt: skip
EXAMPLE = re.search(r"```yaml\n(.*?)```", PAGES["policies"], re.DOTALL)


def anchor_of(heading: str) -> str:
    """Return the anchor of a heading, as forges write it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_example_of_a_policy_is_one() -> None:
    assert EXAMPLE is not None
    example = policies.parse(EXAMPLE[1])

    assert str(example) == "House policy 1.0.0"
    assert example.transition("staging_to_production").checks == {"unsafe-code"}


def test_every_part_of_the_schema_that_a_policy_decides_by_is_told() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", PAGES["policies"], re.MULTILINE))
    assert {
        "tiers", "tier_floors", "conditions", "separation_of_duties", "transitions", "signature",
        "waivers", "continuous_rules", "obligation_enforcement",
    } <= told  # fmt: skip
    assert {one.value for one in policies.Action} <= told
    for transition in TARGETS:
        assert f"`{transition}`" in PAGES["policies"], transition


def test_the_limits_it_names_are_those_of_the_code() -> None:
    page = PAGES["policies"]
    for limit in (
        f"{expressions.MOST_SOURCE_BYTES:,} bytes",
        f"{expressions.MOST_COST:,} steps",
        f"{expressions.MOST_ITEMS:,} items, {expressions.MOST_CHARACTERS:,} characters",
        f"{strict_yaml.MOST_BYTES // 1024} KiB of plain YAML, {strict_yaml.MOST_DEPTH} levels",
        f"it keeps {MOST_EXAMPLES} of each",
    ):
        assert limit in page, limit
    for limit in (
        f"names up to {signing.MOST_CONDITIONS} conditions",
        f"for up to {delegations.MOST_DAYS} days",
        f"up to {conversation.MOST_MENTIONED} in a comment",
        f"takes {conversation.MOST_COMMENTS:,} comments",
        f"1 to {retention.MOST_YEARS} years",
    ):
        assert limit in PAGES["approvals"], limit


def test_the_functions_it_names_are_all_there_are() -> None:
    known = Variables.of({"a.text": Kind.STRING, "a.list": Kind.LIST})
    for expression in (
        "size(a.list) > 0",
        "a.text.contains('x')",
        "a.text.startsWith('x')",
        "a.text.endsWith('x')",
        "a.text.matches('x')",
        "int(a.text) > 0",
        "a.list.exists(one, one == 1)",
        "a.list.all(one, one == 1)",
    ):
        assert compile_expression(expression, variables=known).source == expression
    for expression in ("timestamp(a.text).getFullYear() > 0", "a.text.unknown()", "type(1) == int"):
        with pytest.raises(ExpressionError):
            compile_expression(expression, variables=known)


def test_the_settings_signet_reads_itself_are_named() -> None:
    starter = policies.shipped("starter").tiers[0].settings
    for setting in (
        "approval_valid_days",
        "authorization_valid_days",
        "conditional_approval_max_days",
    ):
        assert setting in starter
        assert f"`{setting}`" in PAGES["policies"]
    assert (vocabulary.CONTENT / "context.yaml").relative_to(ROOT).as_posix() in PAGES["policies"]


def test_every_test_that_holds_a_criterion_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGES["signatures"]))
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    assert len(named) > 40
    assert named <= there, named - there


def test_every_criterion_about_signatures_is_answered() -> None:
    for section in ("11.50", "11.70", "11.100", "11.200", "11.300"):
        assert re.search(rf"^## {section} ", PAGES["signatures"], re.MULTILINE), section
    criteria = re.findall(r"^\| (\([a-e]\)(?:\(\w+\))*)", PAGES["signatures"], re.MULTILINE)
    assert criteria == [
        "(a)(1)", "(a)(2)", "(a)(3)", "(b)",
        "(a)", "(b)", "(c)",
        "(a)(1)", "(a)(1)(i)", "(a)(1)(ii)", "(a)(2)", "(a)(3)", "(b)",
        "(a)", "(b)", "(c)", "(d)", "(d)", "(e)",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_link_leads_somewhere(name: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", PAGES[name]):
        if "://" in target:
            continue
        file = ROOT / "docs" / target if target else ROOT / "docs" / f"{name}.md"
        assert file.exists(), target
        headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
        assert not anchor or anchor in map(anchor_of, headings), f"{target}#{anchor}"
