import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("validation", "0001_initial"),
        ("validation", "0002_what_checks_are_given"),
        ("validation", "0003_external_checks"),
        ("validation", "0004_attestations"),
        ("validation", "0005_evidence"),
        ("validation", "0006_documents"),
        ("validation", "0007_monitoring"),
        ("validation", "0008_signature_names"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0004_single_sign_on"),
        ("audit", "0004_redaction"),
        ("catalog", "0016_exam_rooms"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="CheckRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("check_name", models.CharField(max_length=60)),
                        ("examined_digest", models.CharField(max_length=71)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Queued"),
                                    ("running", "Running"),
                                    ("awaited", "Awaited from outside"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                    ("errored", "Could not be carried out"),
                                    ("canceled", "Canceled"),
                                ],
                                default="queued",
                                max_length=8,
                            ),
                        ),
                        ("attempt", models.PositiveSmallIntegerField(default=0)),
                        ("queued_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("worker", models.CharField(blank=True, max_length=200)),
                        ("summary", models.TextField(blank=True)),
                        ("problems", models.JSONField(blank=True, default=list)),
                        ("facts", models.JSONField(blank=True, default=dict)),
                        ("tool_version", models.CharField(blank=True, max_length=40)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="check_runs",
                                to="catalog.modelversion",
                            ),
                        ),
                        ("basis", models.JSONField(blank=True, default=dict)),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "evidence",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.artifact",
                            ),
                        ),
                        ("origin", models.CharField(blank=True, max_length=300)),
                        ("parameters", models.JSONField(blank=True, default=dict)),
                        ("tools", models.JSONField(blank=True, default=dict)),
                        (
                            "posted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "validation_check_run",
                        "indexes": [
                            models.Index(
                                fields=["version", "check_name", "-id"], name="check_run_newest"
                            ),
                            models.Index(
                                condition=models.Q(("state", "queued")),
                                fields=["queued_at"],
                                name="check_run_unclaimed",
                            ),
                            models.Index(
                                condition=models.Q(("state", "awaited")),
                                fields=["due_at"],
                                name="check_run_awaited",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["queued", "running", "awaited"])),
                                fields=("version", "check_name"),
                                name="check_waits_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("finished_at", None),
                                        ("state__in", ["queued", "running", "awaited"]),
                                    ),
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("state__in", ["passed", "failed", "errored", "canceled"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="check_run_finished_when_final",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCheckRun",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("check_name", models.CharField(max_length=60)),
                        ("examined_digest", models.CharField(max_length=71)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Queued"),
                                    ("running", "Running"),
                                    ("awaited", "Awaited from outside"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                    ("errored", "Could not be carried out"),
                                    ("canceled", "Canceled"),
                                ],
                                default="queued",
                                max_length=8,
                            ),
                        ),
                        ("attempt", models.PositiveSmallIntegerField(default=0)),
                        ("queued_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("worker", models.CharField(blank=True, max_length=200)),
                        ("summary", models.TextField(blank=True)),
                        ("problems", models.JSONField(blank=True, default=list)),
                        ("facts", models.JSONField(blank=True, default=dict)),
                        ("tool_version", models.CharField(blank=True, max_length=40)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
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
                        ("basis", models.JSONField(blank=True, default=dict)),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "evidence",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.artifact",
                            ),
                        ),
                        ("origin", models.CharField(blank=True, max_length=300)),
                        ("parameters", models.JSONField(blank=True, default=dict)),
                        ("tools", models.JSONField(blank=True, default=dict)),
                        (
                            "posted_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical check run",
                        "verbose_name_plural": "historical check runs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="CheckLease",
                    fields=[
                        (
                            "run",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="lease",
                                serialize=False,
                                to="validation.checkrun",
                            ),
                        ),
                        ("attempt", models.PositiveSmallIntegerField()),
                        ("until", models.DateTimeField()),
                        ("step", models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        "db_table": "validation_check_lease",
                        "indexes": [models.Index(fields=["until"], name="check_lease_until")],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="CheckSetting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("check_name", models.CharField(max_length=60)),
                        ("parameters", models.JSONField(default=dict)),
                        (
                            "model",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="check_settings",
                                to="catalog.registeredmodel",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "validation_check_setting",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("model", "check_name"), name="check_set_once_a_model"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("model", None)),
                                fields=("check_name",),
                                name="check_set_once_for_all",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCheckSetting",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("check_name", models.CharField(max_length=60)),
                        ("parameters", models.JSONField(default=dict)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
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
                        "verbose_name": "historical check setting",
                        "verbose_name_plural": "historical check settings",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalReferenceList",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("advisories", "Known vulnerabilities"),
                                    ("signers", "Trusted signers"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("digest", models.CharField(max_length=71)),
                        ("entries", models.PositiveIntegerField()),
                        ("origin", models.CharField(blank=True, max_length=300)),
                        ("loaded_at", models.DateTimeField()),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "artifact",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.artifact",
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
                        "verbose_name": "historical reference list",
                        "verbose_name_plural": "historical reference lists",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ReferenceList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("advisories", "Known vulnerabilities"),
                                    ("signers", "Trusted signers"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("digest", models.CharField(max_length=71)),
                        ("entries", models.PositiveIntegerField()),
                        ("origin", models.CharField(blank=True, max_length=300)),
                        ("loaded_at", models.DateTimeField()),
                        (
                            "artifact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.artifact",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "validation_reference_list",
                        "indexes": [
                            models.Index(fields=["kind", "-id"], name="reference_list_newest")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ExternalCheck",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.SlugField(max_length=60, unique=True)),
                        ("title", models.CharField(max_length=120)),
                        ("sentence", models.CharField(max_length=500)),
                        ("hours_until_due", models.PositiveSmallIntegerField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "db_table": "validation_external_check",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalExternalCheck",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("name", models.SlugField(max_length=60)),
                        ("title", models.CharField(max_length=120)),
                        ("sentence", models.CharField(max_length=500)),
                        ("hours_until_due", models.PositiveSmallIntegerField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
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
                        "verbose_name": "historical external check",
                        "verbose_name_plural": "historical external checks",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAttestation",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        "oms_signature",
                                        "Signature of the model (OpenSSF model signing)",
                                    ),
                                    (
                                        "dsse",
                                        "Signed statement (DSSE, in-toto), such as provenance",
                                    ),
                                    ("bill_of_materials", "Bill of materials (CycloneDX, SPDX)"),
                                    ("other", "Something else"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("file_name", models.CharField(max_length=255)),
                        ("file_digest", models.CharField(max_length=71)),
                        ("content_digest", models.CharField(max_length=71)),
                        ("attached_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("remark", models.TextField(blank=True, max_length=10000)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "artifact",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.artifact",
                            ),
                        ),
                        (
                            "attached_by",
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
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical attestation",
                        "verbose_name_plural": "historical attestations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Attestation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        "oms_signature",
                                        "Signature of the model (OpenSSF model signing)",
                                    ),
                                    (
                                        "dsse",
                                        "Signed statement (DSSE, in-toto), such as provenance",
                                    ),
                                    ("bill_of_materials", "Bill of materials (CycloneDX, SPDX)"),
                                    ("other", "Something else"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("file_name", models.CharField(max_length=255)),
                        ("file_digest", models.CharField(max_length=71)),
                        ("content_digest", models.CharField(max_length=71)),
                        ("attached_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("remark", models.TextField(blank=True, max_length=10000)),
                        (
                            "artifact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.artifact",
                            ),
                        ),
                        (
                            "attached_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attestations",
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "validation_attestation",
                        "indexes": [
                            models.Index(fields=["version", "-id"], name="attestation_newest_first")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn_at", None)),
                                fields=("version", "artifact"),
                                name="attestation_attached_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("remark", ""),
                                        ("withdrawn_at", None),
                                        ("withdrawn_by", None),
                                    ),
                                    models.Q(
                                        ("withdrawn_at__isnull", False),
                                        ("withdrawn_by__isnull", False),
                                        models.Q(("remark", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="attestation_withdrawn_with_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalEvidenceItem",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("type", models.CharField(max_length=60)),
                        ("title", models.CharField(max_length=200)),
                        ("note", models.TextField(blank=True, max_length=5000)),
                        ("file_digest", models.CharField(blank=True, max_length=71)),
                        ("file_name", models.CharField(blank=True, max_length=255)),
                        ("link", models.CharField(blank=True, max_length=500)),
                        ("content_digest", models.CharField(blank=True, max_length=71)),
                        ("valid_until", models.DateField(null=True)),
                        ("submitted_at", models.DateTimeField()),
                        ("verified_at", models.DateTimeField(null=True)),
                        ("declined_at", models.DateTimeField(null=True)),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("remark", models.TextField(blank=True, max_length=10000)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "artifact",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.artifact",
                            ),
                        ),
                        (
                            "declined_by",
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
                        (
                            "submitted_by",
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
                            "use_case",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.usecase",
                            ),
                        ),
                        (
                            "verified_by",
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
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical evidence item",
                        "verbose_name_plural": "historical evidence items",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="EvidenceItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("type", models.CharField(max_length=60)),
                        ("title", models.CharField(max_length=200)),
                        ("note", models.TextField(blank=True, max_length=5000)),
                        ("file_digest", models.CharField(blank=True, max_length=71)),
                        ("file_name", models.CharField(blank=True, max_length=255)),
                        ("link", models.CharField(blank=True, max_length=500)),
                        ("content_digest", models.CharField(blank=True, max_length=71)),
                        ("valid_until", models.DateField(null=True)),
                        ("submitted_at", models.DateTimeField()),
                        ("verified_at", models.DateTimeField(null=True)),
                        ("declined_at", models.DateTimeField(null=True)),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("remark", models.TextField(blank=True, max_length=10000)),
                        (
                            "artifact",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.artifact",
                            ),
                        ),
                        (
                            "declined_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "use_case",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="catalog.usecase",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "validation_evidence_item",
                        "indexes": [
                            models.Index(fields=["model", "-id"], name="evidence_newest_first")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("artifact__isnull", False),
                                        ("link", ""),
                                        models.Q(("file_name", ""), _negated=True),
                                        models.Q(("file_digest", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("artifact", None),
                                        ("file_digest", ""),
                                        ("file_name", ""),
                                        models.Q(("link", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="evidence_is_a_file_or_a_link",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("version", None), ("use_case", None), _connector="OR"
                                ),
                                name="evidence_about_one_thing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("content_digest", ""), ("version", None)),
                                    models.Q(
                                        ("version__isnull", False),
                                        models.Q(("content_digest", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="evidence_of_a_version_names_its_content",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("verified_at", None), ("verified_by", None)),
                                    models.Q(
                                        ("declined_at", None),
                                        ("verified_at__isnull", False),
                                        ("verified_by__isnull", False),
                                        models.Q(
                                            ("verified_by", models.F("submitted_by")), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="evidence_verified_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("declined_at", None), ("declined_by", None)),
                                    models.Q(
                                        ("declined_at__isnull", False),
                                        ("declined_by__isnull", False),
                                        ("withdrawn_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="evidence_declined_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                                    models.Q(
                                        ("withdrawn_at__isnull", False),
                                        ("withdrawn_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="evidence_withdrawn_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Document",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("template_id", models.CharField(max_length=60)),
                        ("template_version", models.CharField(max_length=20)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("in_review", "In review"),
                                    ("approved", "Approved"),
                                ],
                                default="draft",
                                max_length=9,
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1)),
                        ("values", models.JSONField(default=dict)),
                        ("started_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "origin",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="copies",
                                to="validation.document",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "use_case",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="catalog.usecase",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "validation_document",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("version__isnull", False)),
                                fields=("version", "template_id"),
                                name="document_once_a_version",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("use_case__isnull", False)),
                                fields=("use_case", "template_id"),
                                name="document_once_a_use",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("use_case", None), ("version", None)),
                                fields=("model", "template_id"),
                                name="document_once_a_model",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("version", None), ("use_case", None), _connector="OR"
                                ),
                                name="document_about_one_thing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["draft", "in_review", "approved"])
                                ),
                                name="document_status_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentRevision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("in_review", "In review"),
                                    ("approved", "Approved"),
                                    ("returned", "Returned"),
                                ],
                                default="in_review",
                                max_length=9,
                            ),
                        ),
                        ("template_version", models.CharField(max_length=20)),
                        ("version_digest", models.CharField(blank=True, max_length=71)),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("values", models.JSONField()),
                        ("digest", models.CharField(max_length=71)),
                        ("submitted_at", models.DateTimeField()),
                        ("concluded_at", models.DateTimeField(null=True)),
                        ("remark", models.TextField(blank=True, max_length=10000)),
                        (
                            "document",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revisions",
                                to="validation.document",
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "validation_document_revision",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("document", "number"), name="document_revision_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "in_review")),
                                fields=("document",),
                                name="one_revision_in_review",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("concluded_at", None), ("state", "in_review")),
                                    models.Q(
                                        ("concluded_at__isnull", False),
                                        ("state__in", ["approved", "returned"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="document_revision_concluded",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentSignature",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("role", models.CharField(max_length=40)),
                        ("digest", models.CharField(max_length=71)),
                        ("signed_at", models.DateTimeField()),
                        (
                            "revision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatures",
                                to="validation.documentrevision",
                            ),
                        ),
                        (
                            "signer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "meaning",
                            models.CharField(
                                choices=[("approval", "Approval")],
                                default="approval",
                                max_length=20,
                            ),
                        ),
                        ("signer_name", models.CharField(max_length=150)),
                    ],
                    options={
                        "db_table": "validation_document_signature",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("revision", "role"), name="document_signed_once_a_role"
                            ),
                            models.UniqueConstraint(
                                fields=("revision", "signer"), name="document_signed_once_a_person"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalDocument",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("template_id", models.CharField(max_length=60)),
                        ("template_version", models.CharField(max_length=20)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("in_review", "In review"),
                                    ("approved", "Approved"),
                                ],
                                default="draft",
                                max_length=9,
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1)),
                        ("values", models.JSONField(default=dict)),
                        ("started_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
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
                        (
                            "origin",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="validation.document",
                            ),
                        ),
                        (
                            "started_by",
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
                            "use_case",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.usecase",
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
                        "verbose_name": "historical document",
                        "verbose_name_plural": "historical documents",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalDocumentRevision",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("in_review", "In review"),
                                    ("approved", "Approved"),
                                    ("returned", "Returned"),
                                ],
                                default="in_review",
                                max_length=9,
                            ),
                        ),
                        ("template_version", models.CharField(max_length=20)),
                        ("version_digest", models.CharField(blank=True, max_length=71)),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("values", models.JSONField()),
                        ("digest", models.CharField(max_length=71)),
                        ("submitted_at", models.DateTimeField()),
                        ("concluded_at", models.DateTimeField(null=True)),
                        ("remark", models.TextField(blank=True, max_length=10000)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="validation.document",
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
                            "submitted_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical document revision",
                        "verbose_name_plural": "historical document revisions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalDocumentSignature",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("role", models.CharField(max_length=40)),
                        ("digest", models.CharField(max_length=71)),
                        ("signed_at", models.DateTimeField()),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
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
                            "revision",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="validation.documentrevision",
                            ),
                        ),
                        (
                            "signer",
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
                            "meaning",
                            models.CharField(
                                choices=[("approval", "Approval")],
                                default="approval",
                                max_length=20,
                            ),
                        ),
                        ("signer_name", models.CharField(max_length=150)),
                    ],
                    options={
                        "verbose_name": "historical document signature",
                        "verbose_name_plural": "historical document signatures",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalMonitoringSeries",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("environment", models.CharField(blank=True, max_length=120)),
                        ("metric", models.CharField(max_length=120)),
                        ("unit", models.CharField(blank=True, max_length=30)),
                        (
                            "direction",
                            models.CharField(
                                choices=[
                                    ("higher", "Higher is better"),
                                    ("lower", "Lower is better"),
                                    ("within", "Best in between"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("amber_least", models.CharField(blank=True, max_length=40)),
                        ("amber_most", models.CharField(blank=True, max_length=40)),
                        ("red_least", models.CharField(blank=True, max_length=40)),
                        ("red_most", models.CharField(blank=True, max_length=40)),
                        ("interval_days", models.PositiveSmallIntegerField()),
                        ("started_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
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
                        "verbose_name": "historical monitoring series",
                        "verbose_name_plural": "historical monitoring series",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="MonitoringSeries",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("environment", models.CharField(blank=True, max_length=120)),
                        ("metric", models.CharField(max_length=120)),
                        ("unit", models.CharField(blank=True, max_length=30)),
                        (
                            "direction",
                            models.CharField(
                                choices=[
                                    ("higher", "Higher is better"),
                                    ("lower", "Lower is better"),
                                    ("within", "Best in between"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("amber_least", models.CharField(blank=True, max_length=40)),
                        ("amber_most", models.CharField(blank=True, max_length=40)),
                        ("red_least", models.CharField(blank=True, max_length=40)),
                        ("red_most", models.CharField(blank=True, max_length=40)),
                        ("interval_days", models.PositiveSmallIntegerField()),
                        ("started_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="monitoring",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="monitoring",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "monitoring series",
                        "db_table": "validation_monitoring_series",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None), ("version", None)),
                                fields=("model", "environment", "metric"),
                                name="series_once_a_model",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None), ("version__isnull", False)),
                                fields=("version", "environment", "metric"),
                                name="series_once_a_version",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("direction__in", ["higher", "lower", "within"])
                                ),
                                name="series_direction_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("interval_days__gte", 1)),
                                name="series_expects_points",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MonitoringPoint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("measured_at", models.DateTimeField()),
                        ("value", models.FloatField()),
                        ("sample_size", models.PositiveBigIntegerField(null=True)),
                        ("posted_at", models.DateTimeField()),
                        (
                            "posted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "series",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="points",
                                to="validation.monitoringseries",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "validation_monitoring_point",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("series", "measured_at"), name="point_once_a_moment"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalBreach",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "band",
                            models.CharField(
                                choices=[("amber", "Amber"), ("red", "Red")], max_length=5
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("value", models.FloatField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("acknowledged_at", models.DateTimeField(null=True)),
                        ("remark", models.TextField(blank=True, max_length=10000)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "acknowledged_by",
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
                            "series",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="validation.monitoringseries",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical breach",
                        "verbose_name_plural": "historical breaches",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Breach",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "band",
                            models.CharField(
                                choices=[("amber", "Amber"), ("red", "Red")], max_length=5
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("value", models.FloatField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("acknowledged_at", models.DateTimeField(null=True)),
                        ("remark", models.TextField(blank=True, max_length=10000)),
                        (
                            "acknowledged_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "series",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="breaches",
                                to="validation.monitoringseries",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "breaches",
                        "db_table": "validation_breach",
                        "indexes": [
                            models.Index(
                                fields=["series", "-started_at"], name="breach_newest_first"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("series",),
                                name="one_breach_goes_on",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("band__in", ["amber", "red"])),
                                name="breach_band",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("acknowledged_at", None), ("acknowledged_by", None)),
                                    models.Q(
                                        ("acknowledged_at__isnull", False),
                                        ("acknowledged_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="breach_acknowledged_by_somebody",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
