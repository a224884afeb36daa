import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import apps.core.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("audit", "0001_initial"),
        ("catalog", "0005_inventory"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Asset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        default=apps.core.identifiers.uuid7,
                        editable=False,
                        unique=True,
                        verbose_name="stable id",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dataset", "Dataset"),
                            ("feature_view", "Feature view"),
                            ("pipeline", "Pipeline"),
                            ("dashboard", "Dashboard"),
                            ("repository", "Repository"),
                            ("container", "Container"),
                            ("service", "Service"),
                            ("base_model", "Base model"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=500)),
                ("version", models.CharField(blank=True, max_length=120)),
                ("digest", models.CharField(blank=True, max_length=128)),
                ("location", models.CharField(blank=True, max_length=2000)),
                ("description", models.TextField(blank=True, max_length=5000)),
                (
                    "sensitivity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("public", "Public"),
                            ("internal", "Internal"),
                            ("confidential", "Confidential"),
                            ("restricted", "Restricted"),
                        ],
                        max_length=12,
                    ),
                ),
                ("license", models.CharField(blank=True, max_length=200)),
                ("declared_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="retired")),
                (
                    "declared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_assets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_asset",
            },
        ),
        migrations.CreateModel(
            name="HistoricalAsset",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        db_index=True,
                        default=apps.core.identifiers.uuid7,
                        editable=False,
                        verbose_name="stable id",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dataset", "Dataset"),
                            ("feature_view", "Feature view"),
                            ("pipeline", "Pipeline"),
                            ("dashboard", "Dashboard"),
                            ("repository", "Repository"),
                            ("container", "Container"),
                            ("service", "Service"),
                            ("base_model", "Base model"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=500)),
                ("version", models.CharField(blank=True, max_length=120)),
                ("digest", models.CharField(blank=True, max_length=128)),
                ("location", models.CharField(blank=True, max_length=2000)),
                ("description", models.TextField(blank=True, max_length=5000)),
                (
                    "sensitivity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("public", "Public"),
                            ("internal", "Internal"),
                            ("confidential", "Confidential"),
                            ("restricted", "Restricted"),
                        ],
                        max_length=12,
                    ),
                ),
                ("license", models.CharField(blank=True, max_length=200)),
                ("declared_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="retired")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.auditevent",
                        to_field="uid",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical asset",
                "verbose_name_plural": "historical assets",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLineageEdge",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("trained_on", "Trained on"),
                            ("evaluated_on", "Evaluated on"),
                            ("derived_from", "Derived from"),
                            ("built_by", "Built by"),
                            ("reads", "Reads"),
                            ("writes", "Writes"),
                            ("feeds", "Feeds"),
                            ("runs_in", "Runs in"),
                            ("uses", "Uses"),
                            ("serves", "Serves"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("observed", "Observed"),
                            ("declared", "Declared"),
                            ("inferred", "Inferred"),
                        ],
                        max_length=8,
                    ),
                ),
                ("declared_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.auditevent",
                        to_field="uid",
                    ),
                ),
                (
                    "origin_asset",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.asset",
                    ),
                ),
                (
                    "origin_version",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.modelversion",
                    ),
                ),
                (
                    "target_asset",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.asset",
                    ),
                ),
                (
                    "target_version",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.modelversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical lineage edge",
                "verbose_name_plural": "historical lineage edges",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LineageEdge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("trained_on", "Trained on"),
                            ("evaluated_on", "Evaluated on"),
                            ("derived_from", "Derived from"),
                            ("built_by", "Built by"),
                            ("reads", "Reads"),
                            ("writes", "Writes"),
                            ("feeds", "Feeds"),
                            ("runs_in", "Runs in"),
                            ("uses", "Uses"),
                            ("serves", "Serves"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("observed", "Observed"),
                            ("declared", "Declared"),
                            ("inferred", "Inferred"),
                        ],
                        max_length=8,
                    ),
                ),
                ("declared_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "declared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "origin_asset",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edges_out",
                        to="catalog.asset",
                    ),
                ),
                (
                    "origin_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edges_out",
                        to="catalog.modelversion",
                    ),
                ),
                (
                    "target_asset",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edges_in",
                        to="catalog.asset",
                    ),
                ),
                (
                    "target_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edges_in",
                        to="catalog.modelversion",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_lineage_edge",
            },
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["name", "id"], name="asset_by_name"),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("kind", "name", "version", "digest"),
                name="asset_once_while_in_use",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineageedge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("origin_asset__isnull", False),
                    ("origin_version__isnull", False),
                    _connector="XOR",
                ),
                name="lineage_edge_has_one_origin",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineageedge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("target_asset__isnull", False),
                    ("target_version__isnull", False),
                    _connector="XOR",
                ),
                name="lineage_edge_has_one_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineageedge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("origin_asset", models.F("target_asset")),
                    ("origin_asset__isnull", False),
                    _negated=True,
                ),
                name="lineage_edge_joins_two_assets",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineageedge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("origin_version", models.F("target_version")),
                    ("origin_version__isnull", False),
                    _negated=True,
                ),
                name="lineage_edge_joins_two_versions",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineageedge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("origin_asset", "target_asset", "relation"),
                name="lineage_asset_to_asset_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineageedge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("origin_asset", "target_version", "relation"),
                name="lineage_asset_to_version_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineageedge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("origin_version", "target_asset", "relation"),
                name="lineage_version_to_asset_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineageedge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("origin_version", "target_version", "relation"),
                name="lineage_version_to_version_once",
            ),
        ),
    ]
