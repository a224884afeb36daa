import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.catalog.search_words import folded, line_of_words, tokens

# A later migration that makes SQLite copy the table has to make the indexes and triggers again.
SQLITE = (
    (
        "CREATE VIRTUAL TABLE catalog_search_index USING fts5("
        "words, content='catalog_search_text', content_rowid='model_id', prefix='2 3',"
        """ tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'")"""
    ),
    "CREATE INDEX search_text_names ON catalog_search_text (names, model_id)",
    "CREATE INDEX search_text_facets ON catalog_search_text (facets, model_id)",
    (
        "CREATE TRIGGER search_text_added AFTER INSERT ON catalog_search_text BEGIN"
        " INSERT INTO catalog_search_index (rowid, words) VALUES (new.model_id, new.words); END"
    ),
    (
        "CREATE TRIGGER search_text_gone AFTER DELETE ON catalog_search_text BEGIN"
        " INSERT INTO catalog_search_index (catalog_search_index, rowid, words)"
        " VALUES ('delete', old.model_id, old.words); END"
    ),
    (
        "CREATE TRIGGER search_text_changed AFTER UPDATE ON catalog_search_text BEGIN"
        " INSERT INTO catalog_search_index (catalog_search_index, rowid, words)"
        " VALUES ('delete', old.model_id, old.words);"
        " INSERT INTO catalog_search_index (rowid, words) VALUES (new.model_id, new.words); END"
    ),
)
SQLITE_BACK = (
    "DROP TRIGGER search_text_changed",
    "DROP TRIGGER search_text_gone",
    "DROP TRIGGER search_text_added",
    "DROP INDEX search_text_facets",
    "DROP INDEX search_text_names",
    "DROP TABLE catalog_search_index",
)
POSTGRESQL = (
    (
        "ALTER TABLE catalog_search_text ADD COLUMN lexemes tsvector NOT NULL"
        " GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED"
    ),
    "CREATE INDEX search_text_lexemes ON catalog_search_text USING gin (lexemes)",
)
POSTGRESQL_BACK = (
    "DROP INDEX search_text_lexemes",
    "ALTER TABLE catalog_search_text DROP COLUMN lexemes",
)


def index(apps, schema_editor):
    """Let the database find models by their words."""
    _execute(schema_editor, sqlite=SQLITE, postgresql=POSTGRESQL)


def forget(apps, schema_editor):
    """Take the indexes away again."""
    _execute(schema_editor, sqlite=SQLITE_BACK, postgresql=POSTGRESQL_BACK)


def _execute(schema_editor, **statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def fill(apps, schema_editor):
    """Write what every model is found by that was there before."""
    texts, versions = (
        apps.get_model("catalog", "SearchText"),
        apps.get_model("catalog", "ModelVersion"),
    )
    for model in (
        apps.get_model("catalog", "RegisteredModel").objects.filter(deleted_at=None).iterator()
    ):
        found = versions.objects.filter(model=model, deleted_at=None)
        texts.objects.create(
            model=model,
            names=f"{folded(model.name)}\n{folded(model.title)}",
            facets=tokens(_facets(model, found)),
            words=line_of_words(_texts(model, found)),
        )


def empty(apps, schema_editor):
    """Leave no rows, so that the indexes can go."""
    apps.get_model("catalog", "SearchText").objects.all().delete()


def _facets(model, versions):
    yield from (("kind", model.kind), ("domain", model.domain))
    yield from (("team", model.team_id), ("owner", model.owner_id))
    yield from (("flag", flag) for flag in model.flags)
    for stage, framework in versions.values_list("stage", "framework").order_by().distinct():
        yield from (("stage", stage), ("framework", framework))


def _texts(model, versions):
    yield from (model.name, model.title, model.domain, model.method)
    yield model.team.name if model.team else ""
    yield from sorted(set(versions.order_by().values_list("framework", flat=True)))
    yield from model.aliases.order_by("pk").values_list("name", flat=True)
    for key, value in model.tags.order_by("pk").values_list("key", "value"):
        yield from (key, value[:500])
    yield from (model.intended_use, model.description)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_lineage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "model",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_text",
                        serialize=False,
                        to="catalog.registeredmodel",
                    ),
                ),
                ("names", models.TextField()),
                ("facets", models.TextField()),
                ("words", models.TextField()),
            ],
            options={"db_table": "catalog_search_text"},
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("query", models.CharField(blank=True, max_length=2000)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"db_table": "catalog_saved_view"},
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("user", "name"), name="saved_view_once"),
        ),
        migrations.RunPython(index, forget),
        migrations.RunPython(fill, empty),
    ]
