"""Severities from CVSS vectors, held against scores their databases publish."""

import pytest

from apps.validation.checks.contract import Severity
from apps.validation.checks.environment import cvss

PUBLISHED = {
    # vector, score as NVD or GitHub shows it
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H": 9.8,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H": 10.0,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H": 8.8,
    "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H": 8.1,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H": 7.5,
    "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:N/A:N": 6.1,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N": 6.1,
    "CVSS:3.1/AV:N/AC:H/PR:H/UI:N/S:U/C:H/I:H/A:N": 5.9,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N": 5.4,
    "CVSS:3.0/AV:N/AC:H/PR:L/UI:N/S:U/C:H/I:N/A:N": 5.3,
    "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N": 3.3,
    "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N": 1.6,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N": 0.0,
}
BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))


def test_vectors_of_version_3_give_the_severity_of_the_published_score() -> None:
    for vector, score in PUBLISHED.items():
        lowest = Severity.LOW if score else Severity.INFO
        expected = next((band for least, band in BANDS if score >= least), lowest)
        assert cvss.of_vector(vector) is expected, vector


def test_vectors_of_version_4_give_the_severity_of_the_nearest_of_version_3() -> None:
    base = "CVSS:4.0/AV:{}/AC:L/AT:{}/PR:N/UI:N/VC:{}/VI:{}/VA:{}/SC:{}/SI:N/SA:N"
    assert cvss.of_vector(base.format("N", "N", "H", "H", "H", "N")) is Severity.CRITICAL
    assert cvss.of_vector(base.format("N", "P", "H", "H", "H", "N")) is Severity.HIGH
    assert cvss.of_vector(base.format("N", "N", "L", "N", "N", "N")) is Severity.MEDIUM
    assert cvss.of_vector(base.format("N", "N", "N", "N", "N", "H")) is Severity.HIGH
    assert cvss.of_vector(base.format("P", "P", "L", "N", "N", "N")) is Severity.LOW
    assert cvss.of_vector(base.format("N", "N", "N", "N", "N", "N")) is Severity.INFO


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "7.5",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "CVSS:3.1/AV:N",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:Q/C:H/I:H/A:H",
        "CVSS:4.0/AV:N/AC:L/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        "CVSS:9.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    ],
)
def test_what_cannot_be_read_gives_none(vector: str) -> None:
    assert cvss.of_vector(vector) is None


def test_words_of_databases_are_known() -> None:
    assert cvss.of_word("moderate") is Severity.MEDIUM
    assert cvss.of_word("Critical") is Severity.CRITICAL
    assert cvss.of_word("unknown") is None
