import importlib

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from apps.core.tables import CreateTables

LOG = importlib.import_module("apps.audit.migrations.0003_sealing")
TEXTS = importlib.import_module("apps.audit.migrations.0004_redaction")


class Migration(migrations.Migration):
    replaces = [
        ("audit", "0001_initial"),
        ("audit", "0002_chain_checks"),
        ("audit", "0003_sealing"),
        ("audit", "0004_redaction"),
    ]

    initial = True

    dependencies = []

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="AuditEvent",
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
                        ("uid", models.UUIDField(editable=False, unique=True)),
                        ("entry", models.BinaryField()),
                        ("tag", models.BinaryField(max_length=32)),
                        ("tag_key", models.SmallIntegerField()),
                        (
                            "written_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False
                            ),
                        ),
                        ("action", models.CharField(max_length=64)),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("done", "Done"),
                                    ("refused", "Refused"),
                                    ("failed", "Failed"),
                                    ("intent", "Announced"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("actor_id", models.CharField(max_length=40)),
                        ("subject_type", models.CharField(max_length=40)),
                        ("subject_id", models.CharField(max_length=80)),
                        ("chain_root", models.CharField(max_length=120, null=True)),
                        ("chain_rev", models.BigIntegerField(null=True)),
                        ("parent_uid", models.UUIDField(null=True)),
                    ],
                    options={
                        "db_table": "audit_event",
                        "indexes": [
                            models.Index(
                                fields=["subject_type", "subject_id", "id"],
                                name="audit_event_subject",
                            ),
                            models.Index(fields=["actor_id", "id"], name="audit_event_actor"),
                            models.Index(fields=["action", "id"], name="audit_event_action"),
                            models.Index(
                                condition=models.Q(("outcome", "done"), _negated=True),
                                fields=["outcome", "id"],
                                name="audit_event_not_done",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("chain_root", "chain_rev"), name="audit_event_chain"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("chain_rev", None), ("chain_root", None)),
                                    models.Q(("chain_rev__gte", 1), ("chain_root__isnull", False)),
                                    _connector="OR",
                                ),
                                name="audit_event_chain_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditText",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "event_id",
                                "kind",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("reason", "Reason"), ("comment", "Comment")], max_length=8
                            ),
                        ),
                        ("salt", models.BinaryField(max_length=16)),
                        ("text", models.TextField()),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="texts",
                                to="audit.auditevent",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "audit_text",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ChainCheck",
                    fields=[
                        (
                            "chain_root",
                            models.CharField(max_length=120, primary_key=True, serialize=False),
                        ),
                        ("at", models.DateTimeField()),
                        ("entries", models.PositiveBigIntegerField()),
                        ("leaf", models.CharField(max_length=64)),
                        ("trouble", models.CharField(blank=True, max_length=300)),
                        ("tag", models.BinaryField(max_length=32)),
                        ("tag_key", models.SmallIntegerField()),
                    ],
                    options={
                        "db_table": "audit_chain_check",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="AsideEvent",
                    fields=[
                        ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("found_at", models.DateTimeField()),
                        ("why", models.CharField(max_length=200)),
                    ],
                    options={
                        "db_table": "audit_aside",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="PendingEvent",
                    fields=[
                        ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                    ],
                    options={
                        "db_table": "audit_pending",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="SignedCheckpoint",
                    fields=[
                        ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("root", models.BinaryField(max_length=32)),
                        ("note", models.TextField()),
                        ("signed_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "audit_checkpoint",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="TileRow",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "level",
                                "n",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("level", models.SmallIntegerField()),
                        ("n", models.BigIntegerField()),
                        ("data", models.BinaryField(max_length=8192)),
                    ],
                    options={
                        "db_table": "audit_tile",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Anchoring",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "size",
                                "name",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("size", models.BigIntegerField()),
                        ("name", models.CharField(max_length=60)),
                        ("accepted_at", models.DateTimeField()),
                        ("receipt", models.TextField(blank=True)),
                    ],
                    options={
                        "db_table": "audit_anchor",
                        "indexes": [
                            models.Index(fields=["name", "size"], name="audit_anchor_newest")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Log",
                    fields=[
                        (
                            "id",
                            models.SmallIntegerField(default=1, primary_key=True, serialize=False),
                        ),
                        ("origin", models.CharField(max_length=80)),
                        ("size", models.BigIntegerField(default=0)),
                        ("root", models.BinaryField(max_length=32)),
                        ("frontier", models.BinaryField(blank=True, max_length=2048)),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "Open"), ("halted", "Halted")],
                                default="open",
                                max_length=6,
                            ),
                        ),
                        ("trouble", models.CharField(blank=True, max_length=300)),
                        ("beat_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "audit_log",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="audit_log_one"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "open"), ("trouble", "")),
                                    models.Q(
                                        ("state", "halted"),
                                        models.Q(("trouble", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="audit_log_halted_for_a_reason",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Leaf",
                    fields=[
                        ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("hash", models.BinaryField(max_length=32)),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leaf",
                                to="audit.auditevent",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "audit_leaf",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("seq__gte", 0)), name="audit_leaf_seq"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Redaction",
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
                        ("place", models.CharField(max_length=160)),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("request", "A person asked for it (GDPR article 17(1))"),
                                    (
                                        "needless",
                                        "It should not have been written (GDPR article 5(1)(c))",
                                    ),
                                    ("order", "A court or an authority ordered it"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("asked", "Waits for a second person"),
                                    ("approved", "Approved, being erased"),
                                    ("declined", "Declined"),
                                    ("erased", "Erased"),
                                ],
                                default="asked",
                                max_length=8,
                            ),
                        ),
                        ("asked_in", models.UUIDField()),
                        ("asked_by", models.CharField(max_length=40)),
                        ("asked_at", models.DateTimeField()),
                        ("decided_in", models.UUIDField(null=True)),
                        ("decided_by", models.CharField(blank=True, max_length=40)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("erased_in", models.UUIDField(null=True)),
                        ("erased_at", models.DateTimeField(null=True)),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="redactions",
                                to="audit.auditevent",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "audit_redaction",
                        "indexes": [
                            models.Index(fields=["state", "id"], name="audit_redaction_state")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["asked", "approved"])),
                                fields=("event", "place"),
                                name="audit_redaction_open_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by", ""),
                                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="audit_redaction_takes_two",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ErasedText",
                    fields=[
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="erased",
                                serialize=False,
                                to="audit.auditevent",
                            ),
                        ),
                        (
                            "redaction",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="texts",
                                to="audit.redaction",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "audit_erased",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
            ],
        ),
        migrations.RunPython(LOG.install, LOG.uninstall),
        migrations.RunPython(TEXTS.install, TEXTS.uninstall),
    ]
