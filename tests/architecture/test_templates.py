"""Rules of templates that no page shows broken to a test that asks without a browser."""

import re
from pathlib import Path

from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
INCLUDE = re.compile(r'{% include "([^"]+)"([^%]*)%}')


def test_a_part_with_a_form_of_its_own_is_handed_the_token_that_lets_it_be_sent() -> None:
    texts = {
        str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")
    }
    posting = {name for name, text in texts.items() if "{% csrf_token %}" in text}
    assert "components/sign_in.html" in posting
    unsendable = [
        f"{name}: {part}"
        for name, text in texts.items()
        for part, given in INCLUDE.findall(text)
        if part in posting and given.rstrip().endswith("only") and "csrf_token=" not in given
    ]
    assert unsendable == []
