from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from apps.core.finders import FONTS, PackageFilesFinder


@pytest.mark.parametrize("name", FONTS)
def test_fonts_are_found_in_their_packages(name: str) -> None:
    found = finders.find(name)

    assert isinstance(found, str)
    assert Path(found).read_bytes()[:4] == b"\x00\x01\x00\x00"
    assert PackageFilesFinder().find(name, find_all=True) == [found]


def test_fonts_are_collected_under_plain_names() -> None:
    listed = dict(PackageFilesFinder().list(None))

    assert set(listed) == set(FONTS)
    for name, storage in listed.items():
        assert storage.size(name) > 100_000


def test_what_is_no_font_is_not_found() -> None:
    assert PackageFilesFinder().find("fonts/Other.ttf") == []
    assert PackageFilesFinder().find("fonts/Other.ttf", find_all=True) == []
    assert PackageFilesFinder().check() == []


def test_htmx_comes_from_its_package() -> None:
    assert finders.find("django_htmx/htmx-2.min.js") is not None
