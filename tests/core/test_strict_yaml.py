"""Only plain YAML is read, and it means what it shows."""

import pytest

from apps.approvals import policies
from apps.approvals.policies import PolicyRefused
from apps.core import strict_yaml


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x 1\nb: *x", "Line 1: anchors and aliases are not allowed."),
        ("b: *x", "Line 1: anchors and aliases are not allowed."),
        ("a: !!python/object:os.system {}", "Line 1: tags are not allowed."),
        ("a: !!str 1", "Line 1: tags are not allowed."),
        ("a: 1\nb: 2\na: 3", "Line 3: the key 'a' appears twice."),
        ("1: x\n'1': y", "Line 2: the key '1' appears twice."),
        ("? [a, b]\n: 1", "Line 1: a key must be plain text."),
        ("[" * 13 + "]" * 13, "nested deeper than 12"),
        ("[" * 5000, "nested deeper than 12"),
        ("a: " + "9" * 5000, "the number is too large"),
        ("a: " + "9" * 400 + ".5", "the number is too large"),
        ("a: [", "The text is not YAML: line 1,"),
        ("a: 1\n---\nb: 2", "The text is not YAML:"),
        ("a: \x00", "The text is not YAML:"),
        ("a: " + "x" * 300_000, "larger than 256 KiB"),
    ],
)
def test_only_plain_yaml_is_read(text: str, words: str) -> None:
    with pytest.raises(strict_yaml.YamlRefused) as refusal:
        strict_yaml.load(text)
    assert words in str(refusal.value)
    with pytest.raises(PolicyRefused) as policy_refusal:
        policies.parse(text)
    assert policy_refusal.value.problems == (str(refusal.value),)


def test_words_and_dates_stay_text() -> None:
    text = (
        "{a: yes, b: 2026-11-23, c: 010, d: 1:30, e: true, f: -7, g: 1.5, h: null, 1: .inf, <<: x}"
    )

    assert strict_yaml.load(text) == {
        "a": "yes", "b": "2026-11-23", "c": "010", "d": "1:30", "e": True,
        "f": -7, "g": 1.5, "h": None, "1": ".inf", "<<": "x",
    }  # fmt: skip
