import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from apps.accounts.access import Access
from apps.console.gallery import GROUPS, Piece, State
from apps.console.views.gallery import draw, gallery

BASE = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
KEPT_ELSEWHERE = {
    BASE / "templates/validation/documents/export.html",
    BASE / "templates/approvals/packs/front.html",
}
"""Files people take away: each carries its own style and a policy of its own."""
PAGES = [path for path in TEMPLATES if path not in KEPT_ELSEWHERE]
COMPONENTS = sorted((BASE / "templates" / "components").glob("*.html"))
STYLES = BASE / "static" / "css" / "components"
PIECES = [piece for group in GROUPS for piece in group.pieces]
STATES = [(piece, state) for piece in PIECES for state in piece.states]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(BASE / "templates")) for path in paths]


@pytest.mark.parametrize("path", COMPONENTS, ids=names(COMPONENTS))
def test_a_component_is_shown_in_the_gallery(path: Path) -> None:
    assert path.stem in {piece.name for piece in PIECES}


@pytest.mark.parametrize("path", COMPONENTS, ids=names(COMPONENTS))
def test_a_component_has_its_own_stylesheet(path: Path) -> None:
    app = (BASE / "static" / "css" / "app.css").read_text()

    assert (STYLES / f"{path.stem}.css").is_file()
    assert f'"components/{path.stem}.css"' in app


def test_a_state_of_a_stage_bears_no_name_of_another_component() -> None:
    stages = [{"label": state, "state": state} for state in ("past", "current", "next")]
    drawn = render_to_string("components/stages.html", {"stages": stages})
    classes = {name for names in re.findall(r'class="([^"]*)"', drawn) for name in names.split()}
    others = [path for path in STYLES.glob("*.css") if path.stem not in {"stages", "icon"}]
    drawn_by_others = re.findall(r"(?m)^\.([\w-]+)", "\n".join(path.read_text() for path in others))

    assert "past" in classes
    assert not classes & set(drawn_by_others)


@pytest.mark.parametrize("path", COMPONENTS, ids=names(COMPONENTS))
def test_a_component_begins_by_naming_its_inputs(path: Path) -> None:
    assert re.match(r"\{# \w+.*#\}$", path.read_text().splitlines()[0])


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_a_page_keeps_to_the_content_security_policy(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son\w+\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "javascript:" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_a_template_is_included_with_nothing_but_its_inputs(path: Path) -> None:
    for tag in re.findall(r'\{% include "components/[^%]*%\}', path.read_text()):
        assert tag.endswith("only %}")


@pytest.mark.parametrize(
    ("piece", "state"), STATES, ids=[f"{piece.name}: {state.title}" for piece, state in STATES]
)
def test_every_state_is_drawn(piece: Piece, state: State) -> None:
    text = draw(state, "token")

    assert re.sub(r"<[^>]+>", "", text).strip() or "<svg" in text
    assert "style=" not in text


def test_no_piece_is_shown_twice() -> None:
    shown = [piece.name for piece in PIECES]

    assert len(shown) == len(set(shown))


def test_ids_are_unique_across_the_gallery() -> None:
    ids = [
        name for _, state in STATES for name in re.findall(r'\sid="([^"]+)"', draw(state, "token"))
    ]
    ids += [piece.name for piece in PIECES]

    assert len(ids) == len(set(ids))


def test_the_gallery_shows_pieces_with_their_source() -> None:
    piece, state = STATES[0]
    entry = {"title": state.title, "source": "{% tag %}", "drawn": draw(state, "token")}
    groups = [{"title": "Facts", "pieces": [{"piece": piece, "states": [entry]}]}]

    page = render_to_string("console/gallery.html", {"groups": groups})

    assert f'<section class="sheet" id="{piece.name}"' in page
    assert f'<a href="#{piece.name}">{piece.title}</a>' in page
    assert "{% tag %}" in page


def test_the_gallery_is_for_people_who_are_signed_in() -> None:
    assert getattr(gallery, "access", None) == Access.SIGNED_IN


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429"])
def test_an_error_page_needs_neither_request_nor_person(code: str) -> None:
    page = render_to_string(f"{code}.html")

    assert f"Error {code[:3]}" in page
    assert "Main" not in page


def test_too_many_attempts_says_when_to_come_back() -> None:
    assert "Try again in" not in render_to_string("429.html")
    assert "Try again in 5\u00a0min." in render_to_string("429.html", {"retry_after": 300})


def test_the_page_of_a_failure_names_the_request_when_it_is_known() -> None:
    assert "Request 0192f0c4" in render_to_string("500.html", {"request_id": "0192f0c4"})
    assert "Request" not in render_to_string("500.html").replace("request", "")
