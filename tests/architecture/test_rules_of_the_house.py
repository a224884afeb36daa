"""What must hold for all of the code, so that a rule is broken only on purpose."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import PROTECT, ForeignKey
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import ResolverMatch

from apps.accounts.access import access_to
from apps.accounts.roles import ROLES
from apps.audit.governed import GovernedQuerySet, GovernedRow, HistoryRow

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ROOT / "apps"
SOURCES = sorted(path for path in APPS.rglob("*.py") if "migrations" not in path.parts)
FILES = {path: ast.parse(path.read_text()) for path in SOURCES}
GOVERNED = [rows for rows in apps.get_models() if issubclass(rows, GovernedRow)]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


# -- governed rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", GOVERNED, ids=lambda rows: rows.__name__)
def test_a_governed_row_leaves_history_linked_to_its_event(rows: type[GovernedRow]) -> None:
    history = rows.history.model  # type: ignore[attr-defined]
    assert issubclass(history, HistoryRow)
    assert history._meta.get_field("event").null is False


@pytest.mark.parametrize("rows", GOVERNED, ids=lambda rows: rows.__name__)
def test_the_fields_of_the_state_digest_exist_and_no_secret_is_among_them(
    rows: type[GovernedRow],
) -> None:
    names = {field.attname for field in rows._meta.concrete_fields}
    assert set(rows.RECORD.fields) <= names
    assert "password" not in rows.RECORD.fields
    assert not any(field.name == "password" for field in rows.history.model._meta.fields)  # type: ignore[attr-defined]


def test_every_governed_class_has_a_word_and_a_prefix_of_its_own() -> None:
    words = [rows.RECORD.word for rows in GOVERNED]
    prefixes = [rows.RECORD.prefix for rows in GOVERNED]
    assert len(set(words)) == len(words)
    assert len(set(prefixes)) == len(prefixes)


@pytest.mark.parametrize("rows", GOVERNED, ids=lambda rows: rows.__name__)
def test_governed_rows_are_reached_through_a_manager_that_refuses_bulk_writes(
    rows: type[GovernedRow],
) -> None:
    assert isinstance(rows._default_manager.get_queryset(), GovernedQuerySet)


@pytest.mark.parametrize("rows", GOVERNED, ids=lambda rows: rows.__name__)
def test_nothing_governed_is_deleted_by_deleting_something_else(rows: type[GovernedRow]) -> None:
    keys = [field for field in rows._meta.concrete_fields if isinstance(field, ForeignKey)]
    assert all(key.remote_field.on_delete is PROTECT for key in keys)


# -- operations ------------------------------------------------------------------------------------


def actions() -> Iterator[tuple[str, str, Path]]:
    """Yield the constant, the name and the file of every action declared in the apps."""
    for path, tree in FILES.items():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                function, target = node.value.func, node.targets[0]
                if isinstance(function, ast.Name) and function.id == "Action":
                    assert isinstance(target, ast.Name)
                    name = ast.literal_eval(node.value.args[0])
                    yield target.id, name, path


def test_every_action_has_a_name_of_its_own_in_subject_verb_form() -> None:
    names = [name for _, name, _ in actions()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in names)


CHANGES = frozenset({"change", "record_access", "announced"})


def names_in(node: ast.AST) -> set[str]:
    return {found.id for found in ast.walk(node) if isinstance(found, ast.Name)}


def choices_in(scope: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """Yield what stands for one of several names: a local name, or a function that returns them."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, names_in(node.value)
        elif isinstance(node, ast.FunctionDef):
            returned = (each for each in ast.walk(node) if isinstance(each, ast.Return))
            yield node.name, {name for each in returned for name in names_in(each)}


def handed_first(scope: ast.AST, called: frozenset[str]) -> set[str]:
    """Return the names that the first argument of calls of some functions may stand for."""
    named = {
        name
        for node in ast.walk(scope)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in called and node.args
        for name in names_in(node.args[0])
    }
    return named | {
        name for choice, names in choices_in(scope) if choice in named for name in names
    }


def openers() -> frozenset[str]:
    """Return what opens a change for the action it is handed first: helpers several share, too."""
    helpers = {
        function.name
        for tree in FILES.values()
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and function.args.args
        if function.args.args[0].arg in handed_first(function, CHANGES)
    }
    return CHANGES | helpers


def test_every_action_is_opened_by_a_change_beside_it() -> None:
    opening = openers()
    opened = {path: handed_first(FILES[path], opening) for path in {at for _, _, at in actions()}}
    never = [
        f"{name} is declared in {relative(path)} and never used there"
        for constant, name, path in actions()
        if constant not in opened[path]
    ]
    assert never == []


def test_every_action_is_named_by_a_test() -> None:
    texts = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("test_*.py")))
    words = set(re.findall(r"[A-Z_a-z]+(?:\.[a-z_]+)?", texts))
    silent = [name for constant, name, _ in actions() if not {name, constant} & words]
    assert silent == []


def test_operations_never_take_a_request_or_a_form() -> None:
    for path in SOURCES:
        if "operations" in path.parts or path.name == "operations.py":
            assert "HttpRequest" not in path.read_text(), relative(path)
            assert "django.http" not in path.read_text(), relative(path)


# -- URLs ------------------------------------------------------------------------------------------


def patterns(
    resolver: URLResolver, namespaces: tuple[str, ...] = ()
) -> Iterator[tuple[URLPattern, tuple[str, ...]]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield entry, namespaces
        else:
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from patterns(entry, inner)


def test_every_url_declares_who_may_open_it() -> None:
    closed = [
        str(pattern.pattern)
        for pattern, namespaces in patterns(get_resolver())
        if access_to(ResolverMatch(pattern.callback, (), {}, namespaces=list(namespaces))) is None
    ]
    assert closed == []


# -- text of the code ------------------------------------------------------------------------------

FORBIDDEN = {
    r"\bcsrf_exempt\b": {"apps/api/"},
    r"\|safe\b": set(),
    r"\.raw\(": set(),
    r"\.extra\(": set(),
    r"\bRawSQL\b": set(),
    r"shell=True": set(),
    r"\bos\.system\(": set(),
    r"\bpickle\.loads?\(": set(),
    r"\byaml\.load\(": {"apps/core/strict_yaml.py"},
    r"(?<![\w.])eval\(": set(),
    r"(?<![\w.])exec\(": set(),
    r"skip_history_when_saving": set(),
    r"\bNotImplementedError\b": set(),
    r"pragma: no cover": set(),
}


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_a_forbidden_call_stands_only_where_it_was_reviewed(pattern: str) -> None:
    reviewed = FORBIDDEN[pattern]
    files = [*SOURCES, *(ROOT / "templates").rglob("*.html")]
    found = {
        relative(path)
        for path in files
        if re.search(pattern, path.read_text())
        and not any(relative(path).startswith(place) for place in reviewed)
    }
    assert found == set()


def test_no_file_of_the_apps_is_longer_than_350_lines() -> None:
    long = {relative(path) for path in SOURCES if len(path.read_text().splitlines()) > 350}
    assert long == set()


def test_no_function_imports() -> None:
    inside = {
        f"{relative(path)}:{statement.lineno}"
        for path, tree in FILES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in ast.walk(function)
        if isinstance(statement, ast.Import | ast.ImportFrom)
    }
    assert inside == set()


def test_every_app_opens_with_a_readme() -> None:
    names = [path for path in APPS.iterdir() if (path / "apps.py").exists()]
    assert [path.name for path in names if not (path / "README.md").exists()] == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_roles_are_the_seventeen_of_the_default_policy() -> None:
    assert len({role.id for role in ROLES}) == 17
