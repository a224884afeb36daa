"""I1: whatever people write as Markdown, what is shown can do nothing."""

import itertools
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.markdown import MOST_CHARACTERS, rendered

ALLOWED = set(
    "a blockquote br code del em h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead "
    "tr ul".split()
)

PAYLOADS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://evil.example/p.png">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<body onload=alert(1)>",
    "<style>@import '//evil.example'</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><button>x</button></form>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><x onclick=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](<javascript:alert(1)>)",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](https://evil.example/p.png)",
    '![x](https://evil.example/p.png "t")',
    '![x"onerror="alert(1)](x)',
    "![<img src=x onerror=alert(1)>](x)",
    "<javascript:alert(1)>",
    '<https://ok.example/?"onmouseover="alert(1)>',
    '[x](https://ok.example "\\"onmouseover=\\"alert(1)")',
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "```<script>alert(1)</script>\nx\n```",
    "| <script>alert(1)</script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | c |",
    "# <svg/onload=alert(1)>",
    "{{ 7*7 }} {% load static %} ${7*7} #{7*7}",
    "\x00<script>alert(1)</script>",
    "<scr\x00ipt>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028<script>alert(1)</script>",
)
SURROUNDINGS = (
    "{}",
    "text {} text",
    "> {}",
    "- {}",
    "1. {}",
    "**{}**",
    "[{}](https://ok.example)",
    "---\ntitle: x\n---\n{}",
    "\n\n    {}\n",
    "<div>\n{}\n</div>",
)


OURS = {("span", "class", "image"), ("pre", "tabindex", "0"), ("table", "tabindex", "0")}
"""What the renderer itself sets, to these values alone."""


class Document(HTMLParser):
    """Reads markup as a browser does, and keeps what could do something."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.bad.append(tag)
        for name, value in attrs:
            if name in {"title", "rel", "start"} or (tag, name, value) in OURS:
                continue
            if (
                tag == "a"
                and name == "href"
                and (value or "").startswith(("http://", "https://", "mailto:"))
            ):
                continue
            if tag == "a" and name == "href" and ":" not in (value or "").split("/")[0]:
                continue  # a link within the page's own site
            self.bad.append(f"{tag} {name}={value}")

    def handle_decl(self, decl: str) -> None:
        self.bad.append(decl)

    def handle_pi(self, data: str) -> None:
        self.bad.append(data)


@pytest.mark.parametrize(
    "text",
    [
        around.format(payload)
        for around, payload in itertools.product(SURROUNDINGS, PAYLOADS)
        if "{" not in payload
    ]
    + [payload for payload in PAYLOADS if "{" in payload],
)
def test_i1_nothing_that_acts_comes_through(text: str) -> None:
    assert Document(rendered(text)).bad == []


@given(st.text(alphabet="<>&\"'`[](){}!|#*_-:/\\=javscript onerld\n\t\x00", max_size=200))
def test_i1_no_text_at_all_becomes_something_that_acts(text: str) -> None:
    assert Document(rendered(text)).bad == []


def test_i3_template_syntax_appears_literally() -> None:
    assert rendered("{{ 7*7 }} {% load static %} ${7*7} #{7*7}") == (
        "<p>{{ 7<em>7 }} {% load static %} ${7</em>7} #{7*7}</p>\n"
    )


def test_headings_lie_below_those_of_the_page() -> None:
    markup = rendered("# One\n\n## Two\n\n###### Six\n")

    assert markup == "<h3>One</h3>\n<h4>Two</h4>\n<h6>Six</h6>\n"


def test_an_image_is_its_description_and_is_not_fetched() -> None:
    markup = rendered("![The calibration plot](https://elsewhere.example/plot.png)")

    assert markup == '<p><span class="image">Image: The calibration plot</span></p>\n'


def test_a_link_elsewhere_says_that_nothing_is_vouched_for() -> None:
    assert 'rel="noopener noreferrer nofollow ugc"' in rendered("[x](https://ok.example)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("---\nlicense: mit\n---\nCard", "<p>Card</p>\n"),
        ("\ufeff---\r\nlicense: mit\r\n---\r\nCard", "<p>Card</p>\n"),
        ("---\nnever closed", "<hr>\n<p>never closed</p>\n"),
        ("", ""),
    ],
)
def test_front_matter_is_not_shown(text: str, shown: str) -> None:
    assert rendered(text) == shown


@pytest.mark.parametrize("part", ["[", ">", "*a_", "`", "![a](", "- ", "&#", "|a"])
def test_a_text_made_to_be_slow_is_cut_and_shown(part: str) -> None:
    assert Document(rendered(part * MOST_CHARACTERS)).bad == []


def test_what_may_be_wider_than_its_page_is_reached_by_keyboard() -> None:
    assert rendered("|a|\n|-|\n|b|").startswith('<table tabindex="0">')
    assert rendered("```\nx\n```").startswith('<pre tabindex="0">')
