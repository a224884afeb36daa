"""Every fact that a policy may read is declared."""

import pytest

from apps.approvals import vocabulary


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1", "declares no variables"),
        ("[]", "declares no variables"),
        ("variables: {model: {}}", "The variable model has no type."),
        ("variables: {model: 1}", "The variable model has no type."),
        ("variables: {Model: {type: int}}", "No expression can name a variable 'Model'."),
        ("variables: {m: {type: map, fields: {A: {type: int}}}}", "can name a variable 'A'"),
        ("variables: {m: {type: map, fields: []}}", "The fields of m are not a map."),
        ("variables: {m: {type: map, fields: {a: {type: set}}}}", "m.a has no known type"),
        ("variables: {m: {type: map, fields: {a: 1}}}", "m.a has no known type"),
        ("variables: {m: {type: set}}", "m has no known type"),
    ],
)
def test_a_vocabulary_that_no_expression_could_use_is_refused(text: str, words: str) -> None:
    with pytest.raises(vocabulary.VocabularyError, match=words):
        vocabulary.parse(text)


def test_every_fact_says_what_it_means() -> None:
    for root in vocabulary.built_in().roots:
        for part in (*root.fields.values(), *([root.field] if root.field else [])):
            assert part.description.endswith(".")
