import importlib
import uuid

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.tables import CreateTables

NOTICES = importlib.import_module("apps.integrations.migrations.0003_notices")


class Migration(migrations.Migration):
    replaces = [
        ("integrations", "0001_initial"),
        ("integrations", "0002_mlflow_import"),
        ("integrations", "0003_notices"),
        ("integrations", "0004_sealed_order"),
        ("integrations", "0005_streams"),
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
                    name="RecordPosition",
                    fields=[
                        (
                            "follower",
                            models.CharField(max_length=40, primary_key=True, serialize=False),
                        ),
                        ("event_id", models.BigIntegerField(default=0)),
                        ("seq", models.BigIntegerField(default=-1)),
                    ],
                    options={
                        "db_table": "integrations_record_position",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Webhook",
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
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("name", models.CharField(max_length=63)),
                        ("url", models.CharField(max_length=2000, verbose_name="address")),
                        ("events", models.JSONField(default=list)),
                        ("description", models.TextField(blank=True, max_length=1000)),
                        (
                            "status",
                            models.CharField(
                                choices=[("ACTIVE", "Active"), ("DISABLED", "Disabled")],
                                default="ACTIVE",
                                max_length=8,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("touched_at", models.DateTimeField()),
                        ("active_since", models.DateTimeField()),
                        ("secret_set_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="deleted at"),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="webhooks",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "integrations_webhook",
                        "indexes": [
                            models.Index(fields=["owner", "-id"], name="webhook_newest_first")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalWebhook",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "uid",
                            models.UUIDField(db_index=True, default=uuid.uuid4, editable=False),
                        ),
                        ("name", models.CharField(max_length=63)),
                        ("url", models.CharField(max_length=2000, verbose_name="address")),
                        ("events", models.JSONField(default=list)),
                        ("description", models.TextField(blank=True, max_length=1000)),
                        (
                            "status",
                            models.CharField(
                                choices=[("ACTIVE", "Active"), ("DISABLED", "Disabled")],
                                default="ACTIVE",
                                max_length=8,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("touched_at", models.DateTimeField()),
                        ("active_since", models.DateTimeField()),
                        ("secret_set_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="deleted at"),
                        ),
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
                    ],
                    options={
                        "verbose_name": "historical webhook",
                        "verbose_name_plural": "historical webhooks",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="WebhookSecret",
                    fields=[
                        (
                            "webhook",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="secret",
                                serialize=False,
                                to="integrations.webhook",
                            ),
                        ),
                        ("text", models.CharField(max_length=256)),
                    ],
                    options={
                        "db_table": "integrations_webhook_secret",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookDelivery",
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
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("place", models.PositiveSmallIntegerField()),
                        ("happening", models.CharField(max_length=40)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("delivered", "Delivered"),
                                    ("failed", "Given up"),
                                    ("dropped", "Not sent"),
                                ],
                                default="waiting",
                                max_length=9,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("queued_at", models.DateTimeField()),
                        ("next_at", models.DateTimeField()),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("tried_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        (
                            "answered",
                            models.PositiveSmallIntegerField(
                                null=True, verbose_name="answered with status"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200)),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="audit.auditevent",
                            ),
                        ),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "webhook",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="integrations.webhook",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "webhook deliveries",
                        "db_table": "integrations_webhook_delivery",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["webhook", "event", "place"],
                                name="webhook_delivery_waiting",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("webhook", "event", "place"), name="webhook_delivery_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("finished_at", None), ("state", "waiting")),
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("state__in", ["delivered", "failed", "dropped"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="webhook_delivery_finished_when_final",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportedRun",
                    fields=[
                        (
                            "run",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="imported",
                                serialize=False,
                                to="catalog.run",
                            ),
                        ),
                        ("address", models.CharField(max_length=500)),
                        ("done_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "integrations_imported_run",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ImportedModel",
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
                        ("address", models.CharField(max_length=500)),
                        ("name", models.CharField(max_length=256)),
                        ("done_at", models.DateTimeField(null=True)),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.registeredmodel",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "integrations_imported_model",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("address", "name"), name="imported_model_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportedVersion",
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
                        ("done_at", models.DateTimeField(null=True)),
                        (
                            "origin",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="integrations.importedmodel",
                            ),
                        ),
                        (
                            "upload",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="catalog.upload",
                            ),
                        ),
                        (
                            "version",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "integrations_imported_version",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("origin", "number"), name="imported_version_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportJob",
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
                        ("source", models.CharField(blank=True, max_length=63)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting to be fetched"),
                                    ("done", "Fetched"),
                                    ("failed", "Could not be fetched"),
                                ],
                                default="waiting",
                                max_length=7,
                            ),
                        ),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("queued_at", models.DateTimeField()),
                        ("next_at", models.DateTimeField()),
                        ("lease_until", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("note", models.CharField(blank=True, max_length=500)),
                        (
                            "upload",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="catalog.upload",
                            ),
                        ),
                        (
                            "version",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="import_job",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "integrations_import_job",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["next_at"],
                                name="import_job_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("finished_at", None), ("state", "waiting")),
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("state__in", ["done", "failed"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="import_job_finished_when_final",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ToldEvent",
                    fields=[
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="audit.auditevent",
                            ),
                        ),
                        ("trouble", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "db_table": "integrations_told_event",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="MailChoice",
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
                        ("kind", models.CharField(max_length=40)),
                        (
                            "how",
                            models.CharField(
                                choices=[
                                    ("at_once", "At once"),
                                    ("daily", "Once a day, together"),
                                    ("never", "Not by mail"),
                                ],
                                max_length=7,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mail_choices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "integrations_mail_choice",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "kind"), name="mail_choice_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
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
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("key", models.CharField(max_length=200)),
                        ("kind", models.CharField(max_length=40)),
                        ("line", models.CharField(max_length=300)),
                        ("text", models.CharField(max_length=2000)),
                        ("path", models.CharField(max_length=1000)),
                        ("at", models.DateTimeField()),
                        ("read_at", models.DateTimeField(null=True)),
                        (
                            "mail",
                            models.CharField(
                                choices=[
                                    ("none", "Not by mail"),
                                    ("waiting", "Waiting"),
                                    ("sent", "Sent"),
                                    ("failed", "Given up"),
                                    ("dropped", "Not sent"),
                                ],
                                default="none",
                                max_length=7,
                            ),
                        ),
                        (
                            "in_digest",
                            models.BooleanField(default=False, verbose_name="once a day"),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("next_at", models.DateTimeField(null=True, verbose_name="next try")),
                        ("claim", models.UUIDField(editable=False, null=True)),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("mailed_at", models.DateTimeField(null=True)),
                        ("note", models.CharField(blank=True, max_length=200)),
                        (
                            "model",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "integrations_notice",
                        "indexes": [
                            models.Index(fields=["person", "-id"], name="notice_newest_first"),
                            models.Index(
                                condition=models.Q(("read_at", None)),
                                fields=["person"],
                                name="notice_unread",
                            ),
                            models.Index(
                                condition=models.Q(("mail", "waiting")),
                                fields=["next_at"],
                                name="notice_to_mail",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("person", "key"), name="notice_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("mail", "sent"), ("mailed_at__isnull", False)),
                                    models.Q(
                                        models.Q(("mail", "sent"), _negated=True),
                                        ("mailed_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="notice_mailed_when_sent",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("mail", "waiting"), _negated=True),
                                    ("next_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="notice_mail_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StreamPosition",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=40, primary_key=True, serialize=False),
                        ),
                        ("seq", models.BigIntegerField(default=-1)),
                        ("leaf_hash", models.BinaryField(blank=True, max_length=32)),
                        ("claims", models.BigIntegerField(default=0)),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("next_at", models.DateTimeField()),
                        ("given_at", models.DateTimeField(null=True)),
                        ("failures", models.PositiveSmallIntegerField(default=0)),
                        ("failing_since", models.DateTimeField(null=True)),
                        ("trouble", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "db_table": "integrations_stream_position",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("failing_since", None), ("failures", 0), ("trouble", "")
                                    ),
                                    models.Q(
                                        ("failing_since__isnull", False),
                                        ("failures__gt", 0),
                                        models.Q(("trouble", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="stream_fails_since_for_a_reason",
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
        migrations.RunPython(NOTICES.begin_at_present, NOTICES.begin_anew),
    ]
