"""A new database gets its tables at once, and just those that the steps of old ones led to."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
AT_ONCE = "0001_squashed_"
MIGRATE = """
import sys
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
executor = MigrationExecutor(connection)
if sys.argv[1] == "step by step":
    loader = executor.loader
    loader.replace_migrations = False
    loader.build_graph()
    for key in [key for key in loader.graph.nodes if key[1].startswith("0001_squashed_")]:
        loader.graph.remove_replacement_node(key, loader.disk_migrations[key].replaces)
executor.migrate(executor.loader.graph.leaf_nodes())
"""


def tables_of(place: Path) -> Mapping[tuple[str, str], object]:
    """Return what a database consists of, whatever the order of its columns."""
    with sqlite3.connect(place) as database:
        found: dict[tuple[str, str], object] = {}
        for kind, name, statement in database.execute("SELECT type, name, sql FROM sqlite_master"):
            columns = database.execute("SELECT * FROM pragma_table_info(?)", [name])
            keys = database.execute("SELECT * FROM pragma_foreign_key_list(?)", [name])
            words = sorted(re.findall(r"[\w']+", statement or ""))
            found[kind, name] = (
                sorted(column[1:] for column in columns),
                sorted(key[2:5] for key in keys),
                words,
            )
    return found


def migrated(place: Path, how: str) -> Mapping[tuple[str, str], object]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SIGNET_")},
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.test",
        "PYTHONPATH": str(ROOT),
        "SIGNET_DATABASE_URL": f"sqlite://{place}",
    }
    subprocess.run([sys.executable, "-c", MIGRATE, how], env=environment, check=True)
    return tables_of(place)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.skipif(
    os.environ.get("SIGNET_TEST_LONG") != "1", reason="takes minutes: make test-long"
)
def test_tables_made_at_once_are_those_made_step_by_step(tmp_path: Path) -> None:
    at_once = migrated(tmp_path / "at-once.sqlite3", "at once")
    step_by_step = migrated(tmp_path / "step-by-step.sqlite3", "step by step")

    assert set(at_once) == set(step_by_step)
    for what, expected in step_by_step.items():
        assert at_once[what] == expected, what


def test_what_is_made_at_once_stands_for_every_step_before_it() -> None:
    for made in (ROOT / "apps").glob(f"*/migrations/{AT_ONCE}*.py"):
        numbered = sorted(made.parent.glob("0*.py"))
        last = made.stem.removeprefix(AT_ONCE)
        named = re.findall(rf'\("{made.parent.parent.name}", "(\w+)"\)', made.read_text())
        steps = [step.stem for step in numbered if step != made and step.stem <= last]
        assert named[: len(steps)] == steps, made
