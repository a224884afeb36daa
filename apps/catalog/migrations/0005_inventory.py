import django.db.models.deletion
import simple_history.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("catalog", "0004_one_last_point_of_a_series"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="registeredmodel",
            options={
                "default_permissions": ("add", "change", "view"),
                "permissions": [
                    ("register_version", "Can register a version"),
                    ("delete_version", "Can delete a version nothing refers to"),
                    ("delete_model", "Can delete a model nothing refers to"),
                    ("download_artifacts", "Can download artifacts"),
                    ("run_checks", "Can run checks"),
                    ("request_promotion", "Can request a promotion"),
                    ("sign_off", "Can sign off in a role held"),
                    ("promote_version", "Can promote once the gate is open"),
                    ("roll_back_version", "Can roll back"),
                    ("fill_inventory", "Can fill inventory fields of the roles held"),
                    ("manage_fields", "Can add inventory fields and make fields required"),
                    ("manage_access", "Can grant duties of the first line"),
                    ("manage_oversight", "Can grant duties of the second and third line"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalModelSheet",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "fields_version",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="version of the fields"
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
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
                    "model",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.registeredmodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical model sheet",
                "verbose_name_plural": "historical model sheets",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalOwnField",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "entity",
                    models.CharField(
                        choices=[
                            ("model", "model"),
                            ("version", "version"),
                            ("use_case", "use_case"),
                            ("third_party", "third_party"),
                            ("generative", "generative"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("label", models.CharField(max_length=120)),
                ("help", models.CharField(blank=True, max_length=500)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("identifier", "identifier"),
                            ("string", "string"),
                            ("text", "text"),
                            ("uri", "uri"),
                            ("digest", "digest"),
                            ("boolean", "boolean"),
                            ("integer", "integer"),
                            ("decimal", "decimal"),
                            ("date", "date"),
                            ("datetime", "datetime"),
                            ("duration", "duration"),
                            ("enum", "enum"),
                            ("multi_enum", "multi_enum"),
                            ("list", "list"),
                            ("table", "table"),
                            ("metric_table", "metric_table"),
                            ("reference", "reference"),
                            ("multi_reference", "multi_reference"),
                            ("person", "person"),
                            ("multi_person", "multi_person"),
                            ("person_or_supplier", "person_or_supplier"),
                            ("history", "history"),
                            ("computed", "computed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list)),
                ("tiers", models.JSONField(default=list)),
                ("supplied_by", models.JSONField(default=list)),
                (
                    "strengthens",
                    models.BooleanField(
                        default=False, verbose_name="makes a shipped field required"
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
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
            ],
            options={
                "verbose_name": "historical own field",
                "verbose_name_plural": "historical own fields",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalThirdParty",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "fields_version",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="version of the fields"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
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
                    "model",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.registeredmodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical third party",
                "verbose_name_plural": "historical third parties",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalUseCase",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "fields_version",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="version of the fields"
                    ),
                ),
                ("key", models.SlugField(max_length=60)),
                ("title", models.CharField(max_length=200)),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
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
                    "model",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.registeredmodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical use case",
                "verbose_name_plural": "historical use cases",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalVersionSheet",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "fields_version",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="version of the fields"
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
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
                    "version",
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
                "verbose_name": "historical version sheet",
                "verbose_name_plural": "historical version sheets",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ModelSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "fields_version",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="version of the fields"
                    ),
                ),
                (
                    "model",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheet",
                        to="catalog.registeredmodel",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_model_sheet",
            },
        ),
        migrations.CreateModel(
            name="OwnField",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entity",
                    models.CharField(
                        choices=[
                            ("model", "model"),
                            ("version", "version"),
                            ("use_case", "use_case"),
                            ("third_party", "third_party"),
                            ("generative", "generative"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("label", models.CharField(max_length=120)),
                ("help", models.CharField(blank=True, max_length=500)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("identifier", "identifier"),
                            ("string", "string"),
                            ("text", "text"),
                            ("uri", "uri"),
                            ("digest", "digest"),
                            ("boolean", "boolean"),
                            ("integer", "integer"),
                            ("decimal", "decimal"),
                            ("date", "date"),
                            ("datetime", "datetime"),
                            ("duration", "duration"),
                            ("enum", "enum"),
                            ("multi_enum", "multi_enum"),
                            ("list", "list"),
                            ("table", "table"),
                            ("metric_table", "metric_table"),
                            ("reference", "reference"),
                            ("multi_reference", "multi_reference"),
                            ("person", "person"),
                            ("multi_person", "multi_person"),
                            ("person_or_supplier", "person_or_supplier"),
                            ("history", "history"),
                            ("computed", "computed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list)),
                ("tiers", models.JSONField(default=list)),
                ("supplied_by", models.JSONField(default=list)),
                (
                    "strengthens",
                    models.BooleanField(
                        default=False, verbose_name="makes a shipped field required"
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "catalog_own_field",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("strengthens", False)),
                        fields=("entity", "key"),
                        name="own_field_key_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("strengthens", True)),
                        fields=("entity", "key"),
                        name="field_made_required_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ThirdParty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "fields_version",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="version of the fields"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="third_parties",
                        to="catalog.registeredmodel",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "third parties",
                "db_table": "catalog_third_party",
            },
        ),
        migrations.CreateModel(
            name="VersionSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "fields_version",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="version of the fields"
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheet",
                        to="catalog.modelversion",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_version_sheet",
            },
        ),
        migrations.CreateModel(
            name="UseCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "fields_version",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="version of the fields"
                    ),
                ),
                ("key", models.SlugField(max_length=60)),
                ("title", models.CharField(max_length=200)),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="use_cases",
                        to="catalog.registeredmodel",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_use_case",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "key"), name="use_case_key_once_per_model"
                    )
                ],
            },
        ),
    ]
