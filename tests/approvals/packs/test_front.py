"""The front page of a pack and its PDF: the answer first, everything shown and nothing obeyed."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from apps.approvals.packs import front
from apps.approvals.packs.laid_out import laid_out
from apps.approvals.packs.parts import MOST_CELLS, MOST_ROWS, for_paper
from apps.validation.documents.exports import typesetter, typesetting
from tests.approvals.packs.telling import MODEL, TOLD, VERSION, told_with

HOSTILE = (
    "</style><script>alert(1)</script><img src=https://evil.example onerror=x> \"'& {{ x }} "
    '#read("/etc/passwd") javascript:alert(1) \u202eevil\u202c \x00 名前 ' + "long" * 60
)


class Page(HTMLParser):
    """What a browser would take from a page: its tags, and every address in them."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def set_here(told: dict[str, Any], *, source: Path, standard: typesetter.Standard) -> bytes:
    """Set a page in this process: the twin of the confined one, which takes far longer."""
    return typesetter.typeset(source.read_bytes(), json.dumps(told), standard)


def test_the_answer_comes_first_and_the_files_last() -> None:
    page = front.front_page(TOLD).decode()
    headings = re.findall(r"<h2[^>]*><bdi>([^<]*)", page)

    assert headings == [
        "The answer",
        "About this pack",
        "churn",
        "Check it yourself in one line",
        "Files and their digests",
    ]
    answer = page.partition("The answer</bdi></h2>")[2].partition("<h2")[0]
    for words in (
        "Approved",
        "until 20 Nov 2027",
        "Vera Validator as Independent validator: Approved",
        "Starter 1.2.0",
        "No critical finding is open",
        "1 open finding",
    ):
        assert words in answer
    assert 'href="./models/churn/versions/3/sign-offs/1.txt"' in page
    assert TOLD.verifying.command in page
    assert "proves nothing" in page


def test_several_versions_are_answered_in_one_table_and_none_in_words() -> None:
    other = replace(VERSION, number=4, is_approved=False, answer="", stage="Staging")
    several = replace(TOLD, models=(replace(MODEL, versions=(VERSION, other)),))
    none = replace(TOLD, models=(replace(MODEL, versions=()),))
    alone = replace(TOLD, models=(replace(MODEL, versions=(other,), findings=()),))

    rows = laid_out(several).parts[0].rows
    assert [row[0].text for row in rows] == ["Version 3 of churn", "Version 4 of churn"]
    assert rows[1][2].text == "Not approved."
    assert b"No version is in this pack." in front.front_page(none)
    assert b"Version 4 of churn is in staging, and is not approved." in front.front_page(alone)


def test_a_hostile_name_is_shown_and_does_nothing() -> None:
    page = front.front_page(told_with(HOSTILE))
    read = Page(page)

    assert page == front.front_page(told_with(HOSTILE))
    assert not {"script", "img", "iframe", "link", "base", "form"} & set(read.tags)
    assert read.tags.count("style") == 1
    assert read.handlers == []
    assert all(address.startswith(("./", "#")) for address in read.addresses)
    assert not re.search("[\x00\u202e]", page.decode())


def test_the_pdf_is_archival_and_the_same_to_the_byte() -> None:
    drawn = front.front_pdf(TOLD)

    assert drawn == front.front_pdf(TOLD)
    assert b"<pdfaid:part>2</pdfaid:part>" in drawn
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in drawn
    assert for_paper(laid_out(TOLD)).parts == laid_out(TOLD).parts


def test_the_pdf_spells_out_what_no_typeface_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "as_pdf", set_here)

    assert front.front_pdf(told_with(HOSTILE)).startswith(b"%PDF-")
    assert front._printed("名 e\u0301") == "[U+540D] é"


def test_a_page_that_cannot_be_printed_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> bytes:
        raise typesetting.NotTypeset("Take another form.")

    monkeypatch.setattr(typesetting, "as_pdf", refused)

    with pytest.raises(typesetting.NotTypeset, match="Make the pack again"):
        front.front_pdf(TOLD)


def test_every_letter_that_is_let_through_can_be_drawn() -> None:
    letters = [chr(code) for code in range(0x20, 0x10000)]
    drawable = [one for one in letters if front._printed(one) == one]
    source = (
        '#set text(font: "Libertinus Serif")\n#let told = json(bytes(sys.inputs.told))\n'
        '#told #strong(told) #emph(told) #text(font: "DejaVu Sans Mono", told)'
    )

    drawn = typesetter.typeset(
        source.encode(), json.dumps("\n".join(drawable)), typesetting.ARCHIVAL
    )

    assert len(drawable) > 1500
    assert drawn.startswith(b"%PDF-")


def test_paper_leaves_out_details_of_a_pack_too_large_to_print_and_says_so() -> None:
    models = tuple(replace(MODEL, name=f"m{number}") for number in range(MOST_CELLS // 20))
    many = laid_out(replace(TOLD, models=models, files=TOLD.files * MOST_ROWS))

    paper = for_paper(many)

    titles = [part.title for part in paper.parts]
    assert titles[:3] == ["The answer", "On paper", "About this pack"]
    assert {"m0", "Check it yourself in one line", "Where the key comes from"} <= set(titles)
    assert "Sign-offs" not in titles
    files = paper.parts[-1]
    assert len(files.rows) == MOST_ROWS
    assert files.paragraphs[-1].startswith(f"{MOST_ROWS} more rows")
    assert "Sign-offs" in [part.title for part in many.parts]
