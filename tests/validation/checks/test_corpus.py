"""Every sample of the corpus: none that is hostile passes, none that is good fails, none runs."""

import pickle

import pytest

from tests.validation.checks import stored
from tests.validation.checks.corpus import hostile
from tests.validation.checks.corpus.samples import GOOD, HOSTILE, SAMPLES
from tests.validation.checks.corpus.table import DOCUMENT, outcomes, text


def test_the_corpus_is_large_and_every_sample_has_a_name_of_its_own() -> None:
    assert len(HOSTILE) >= 60
    assert len(GOOD) >= 40
    assert len({str(sample) for sample in SAMPLES}) == len(SAMPLES)


def test_no_hostile_sample_passes() -> None:
    passed = [str(sample) for sample in HOSTILE if outcomes()[str(sample)].passed]

    assert passed == []


def test_no_good_sample_fails() -> None:
    failed = {
        str(sample): [f"{found.code} at {found.place}" for found in found.problems]
        for sample in GOOD
        if not (found := outcomes()[str(sample)]).passed
    }

    assert failed == {}


def test_nothing_ran_while_the_samples_were_examined() -> None:
    outcomes()

    assert stored.FIRED == []


def test_the_payload_of_the_samples_is_real() -> None:
    stored.FIRED.clear()

    pickle.loads(b"\x80\x02" + hostile.FIRES + b".")

    assert stored.FIRED
    stored.FIRED.clear()


@pytest.mark.skipif(not DOCUMENT.exists(), reason="docs are not installed")
def test_the_table_in_the_documentation_is_what_was_found() -> None:
    """Write it anew by ``python -m tests.validation.checks.corpus.table``."""
    assert text() in DOCUMENT.read_text()
