"""The stylesheets keep what they promise: contrast, and names that hold when files are hashed."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
COLOR = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)")
TOKENS = {name: pair for name, *pair in COLOR.findall((CSS / "tokens.css").read_text())}

SURFACES = ("paper", "sheet", "well", "accent-wash")
ON_EVERY_SURFACE = ("ink", "ink-2", "ink-3", "accent")
TONES = ("good", "warn", "bad", "idle")


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "surface"),
    [(text, surface) for text in ON_EVERY_SURFACE for surface in SURFACES]
    + [(tone, surface) for tone in TONES for surface in ("paper", "sheet", "well", f"{tone}-wash")]
    + [(text, f"{tone}-wash") for text in ("ink", "ink-2") for tone in TONES]
    + [("accent-ink", "accent")],
)
def test_text_can_be_read_on_its_surface(text: str, surface: str, scheme: int) -> None:
    assert contrast(TOKENS[text][scheme], TOKENS[surface][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", ["sheet", "paper", "well"])
def test_the_border_of_a_control_can_be_seen(surface: str, scheme: int) -> None:
    assert contrast(TOKENS["control"][scheme], TOKENS[surface][scheme]) >= 3


def test_every_stylesheet_is_imported() -> None:
    imported = set(re.findall(r'@import url\("([^"]+)"\)', (CSS / "app.css").read_text()))

    written = {str(path.relative_to(CSS)) for path in CSS.rglob("*.css")} - {"app.css"}

    assert imported == written


def test_every_token_that_is_used_is_defined() -> None:
    sheets = [path.read_text() for path in CSS.rglob("*.css")]
    defined = {name for sheet in sheets for name in re.findall(r"(--[\w-]+):", sheet)}

    used = {name for sheet in sheets for name in re.findall(r"var\((--[\w-]+)\)", sheet)}

    assert used <= defined


def test_hashed_stylesheets_and_modules_find_each_other(tmp_path: Path) -> None:
    hashing = {"BACKEND": "apps.core.statics.StaticStorage"}

    with override_settings(
        STATIC_ROOT=tmp_path, STORAGES={**settings.STORAGES, "staticfiles": hashing}
    ):
        call_command("collectstatic", interactive=False, verbosity=0)

    (css,) = (tmp_path / "css").glob("app.*.css")
    (module,) = (tmp_path / "js").glob("app.*.js")
    for sheet in re.findall(r'url\("([^"]+)"\)', css.read_text()):
        assert re.search(r"\.[0-9a-f]{12}\.css$", sheet)
        assert (css.parent / sheet).is_file()
    for script in re.findall(r'from "([^"]+)"', module.read_text()):
        assert re.search(r"\.[0-9a-f]{12}\.js$", script)
        assert (module.parent / script).is_file()
