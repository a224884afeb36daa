"""The README tells the truth about what the code draws and the commands it names."""

import re
from pathlib import Path

from django.core.management import get_commands

from apps.catalog.drawing import lifecycle_diagram

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()


def test_the_lifecycle_diagram_is_the_one_the_table_draws() -> None:
    assert f"```mermaid\n{lifecycle_diagram()}\n```" in README


def test_every_make_target_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"make ([a-z-]+)", README)) - {"use"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets), targets


def test_every_command_it_names_exists() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", README)) - {"up", "test"}
    assert named <= set(get_commands()), named - set(get_commands())


def test_every_file_it_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert all((ROOT / link).exists() for link in links if "://" not in link), links
