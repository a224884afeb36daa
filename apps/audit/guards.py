"""Triggers that let the tables of the record only grow, and that queue every event for sealing.

Nothing turns them off. Whoever owns the tables can drop them: then the log and the checkpoints
kept elsewhere tell what was changed, and ``missing`` tells that a trigger is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

KEPT: Mapping[str, Sequence[str]] = {
    "audit_event": ("id", "uid", "chain_root chain_rev"),
    "audit_aside": ("event_id",),
    "audit_leaf": ("seq", "event_id"),
    "audit_tile": ("level n",),
    "audit_checkpoint": ("size",),
    "audit_anchor": ("size name",),
}
"""The tables that only grow, each with the columns that name a row in it."""
QUEUE = "audit_event_queue"
TEXTS = ("audit_text_kept_update", "audit_text_kept_delete")
"""The triggers of the texts, which only go where an erasure is on record."""

_SQLITE = """
CREATE TRIGGER {name} BEFORE {what} ON {table} {when}
BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END
"""
_SQLITE_THERE = "WHEN EXISTS (SELECT 1 FROM {table} WHERE {named})"
_SQLITE_QUEUE = """
CREATE TRIGGER audit_event_queue AFTER INSERT ON audit_event
BEGIN INSERT INTO audit_pending (event_id) VALUES (NEW.id); END
"""
_POSTGRESQL_FUNCTIONS = """
CREATE FUNCTION {schema}.audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE FUNCTION {schema}.audit_queue() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO {schema}.audit_pending (event_id) VALUES (NEW.id);
  RETURN NULL;
END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{table}
FOR EACH STATEMENT EXECUTE FUNCTION {schema}.audit_refuse();
ALTER TABLE {schema}.{table} ENABLE ALWAYS TRIGGER {name}
"""
_POSTGRESQL_QUEUE = """
CREATE TRIGGER audit_event_queue AFTER INSERT ON {schema}.audit_event
FOR EACH ROW EXECUTE FUNCTION {schema}.audit_queue()
"""

_SQLITE_TEXTS = (
    """
CREATE TRIGGER audit_text_kept_update BEFORE UPDATE ON audit_text
BEGIN SELECT RAISE(ABORT, 'audit_text is only ever added to'); END
""",
    """
CREATE TRIGGER audit_text_kept_delete BEFORE DELETE ON audit_text
WHEN NOT EXISTS (SELECT 1 FROM audit_erased WHERE event_id = OLD.event_id)
BEGIN SELECT RAISE(ABORT, 'audit_text is only ever added to'); END
""",
)
_POSTGRESQL_TEXTS = """
CREATE FUNCTION {schema}.audit_text_refuse() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM {schema}.audit_erased WHERE event_id = OLD.event_id) THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'audit_text is only ever added to' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER audit_text_kept_update BEFORE UPDATE OR TRUNCATE ON {schema}.audit_text
FOR EACH STATEMENT EXECUTE FUNCTION {schema}.audit_text_refuse();
ALTER TABLE {schema}.audit_text ENABLE ALWAYS TRIGGER audit_text_kept_update;
CREATE TRIGGER audit_text_kept_delete BEFORE DELETE ON {schema}.audit_text
FOR EACH ROW EXECUTE FUNCTION {schema}.audit_text_refuse();
ALTER TABLE {schema}.audit_text ENABLE ALWAYS TRIGGER audit_text_kept_delete
"""


def install(connection: Any, tables: Sequence[str] = tuple(KEPT)) -> None:
    """Make the triggers of some tables, and the one that queues events."""
    with connection.cursor() as cursor:
        for statement in _statements(connection, tables):
            cursor.execute(statement)


def uninstall(connection: Any, tables: Sequence[str] = tuple(KEPT)) -> None:
    """Drop those triggers again: for migrations backward, and for tests that tamper."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in [*_sqlite_names(tables), QUEUE]:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            return
        schema = _schema(connection)
        for table in tables:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept ON {schema}.{table}")
        cursor.execute(f"DROP TRIGGER IF EXISTS {QUEUE} ON {schema}.audit_event")
        for function in ("audit_refuse", "audit_queue"):
            cursor.execute(f"DROP FUNCTION IF EXISTS {schema}.{function}()")


def install_texts(connection: Any) -> None:
    """Make the triggers that keep texts until their erasure is on record."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in _SQLITE_TEXTS:
                cursor.execute(statement)
        else:
            cursor.execute(_POSTGRESQL_TEXTS.format(schema=_schema(connection)))


def uninstall_texts(connection: Any) -> None:
    """Drop those triggers again."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in TEXTS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            return
        schema = _schema(connection)
        for name in TEXTS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {schema}.audit_text")
        cursor.execute(f"DROP FUNCTION IF EXISTS {schema}.audit_text_refuse()")


def missing(connection: Any) -> list[str]:
    """Return the triggers that should be there and are not, or do not always hold."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            wanted = {*_sqlite_names(tuple(KEPT)), *TEXTS, QUEUE}
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            return sorted(wanted - {name for (name,) in cursor.fetchall()})
        cursor.execute(
            "SELECT t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c"
            " ON c.oid = t.tgrelid WHERE c.relnamespace = current_schema()::regnamespace"
        )
        found = dict(cursor.fetchall())
    always = [*(f"{table}_kept" for table in KEPT), *TEXTS]
    wrong = [name for name in always if found.get(name) != "A"]
    return sorted([*wrong, *([] if found.get(QUEUE) == "O" else [QUEUE])])


def _statements(connection: Any, tables: Sequence[str]) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield from _for_sqlite(tables)
        return
    schema = _schema(connection)
    yield _POSTGRESQL_FUNCTIONS.format(schema=schema)
    for table in tables:
        yield _POSTGRESQL.format(schema=schema, table=table, name=f"{table}_kept")
    yield _POSTGRESQL_QUEUE.format(schema=schema)


def _for_sqlite(tables: Sequence[str]) -> Iterator[str]:
    for table in tables:
        update, delete, replace = _sqlite_names([table])
        yield _SQLITE.format(name=update, what="UPDATE", table=table, when="")
        yield _SQLITE.format(name=delete, what="DELETE", table=table, when="")
        # REPLACE would delete a row without asking the trigger above
        there = _SQLITE_THERE.format(table=table, named=_named(table))
        yield _SQLITE.format(name=replace, what="INSERT", table=table, when=there)
    yield _SQLITE_QUEUE


def _sqlite_names(tables: Sequence[str]) -> list[str]:
    return [f"{table}_kept_{how}" for table in tables for how in ("update", "delete", "replace")]


def _named(table: str) -> str:
    """Return the condition that a row of the same name is there already."""
    keys = (" AND ".join(f"{name} = NEW.{name}" for name in key.split()) for key in KEPT[table])
    return " OR ".join(keys)


def _schema(connection: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        return str(cursor.fetchone()[0])
