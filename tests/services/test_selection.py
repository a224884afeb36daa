"""Which tests run on services: those a service can make a difference to, or a part of each file."""

import subprocess
import sys

FILE = "tests/catalog/test_versions.py"
REAL = "test_numbers_have_no_gap_when_eight_people_register_at_once"


def collected(*arguments: str) -> list[str]:
    """Return the tests of a file that would run on services, in their order."""
    call = [sys.executable, "-m", "pytest", "-p", "tests.services.selection", "--collect-only"]
    call += ["-q", "-p", "no:cacheprovider", "-n", "0", FILE, *arguments]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_a_part_begins_with_the_first_and_leaves_out_none_whose_transactions_are_real() -> None:
    whole, third, least = collected(), collected("--one-in", "3"), collected("--one-in", "1000")

    assert whole[0] == third[0] == least[0]
    assert set(least) < set(third) < set(whole)
    assert len(whole) / 3 <= len(third) <= len(whole) / 3 + len(least)
    assert [name for name in least if REAL in name]
