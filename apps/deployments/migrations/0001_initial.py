import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.tables import CreateTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0004_single_sign_on"),
        ("audit", "0004_redaction"),
        ("catalog", "0017_serving_permissions"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="Deployment",
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
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deployments",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "environment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deployments",
                                to="deployments.environment",
                            ),
                        ),
                        ("service", models.CharField(max_length=63)),
                        (
                            "desired",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "in_effect",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "deployments_deployment",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("model", "environment"),
                                name="deployment_once_in_an_environment",
                            ),
                            models.UniqueConstraint(
                                fields=("environment", "service"), name="deployment_service_once"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Drill",
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
                            "deployment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="drills",
                                to="deployments.deployment",
                            ),
                        ),
                        (
                            "left",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "away",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "back",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("leaving", "Going back"),
                                    ("returning", "Coming forth again"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                ],
                                default="leaving",
                                max_length=9,
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
                        ("started_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("told", models.TextField(blank=True, max_length=2000)),
                    ],
                    options={
                        "db_table": "deployments_drill",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["leaving", "returning"])),
                                fields=("deployment",),
                                name="drill_one_at_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("finished_at", None),
                                        ("state__in", ["leaving", "returning"]),
                                    ),
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("state__in", ["passed", "failed"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="drill_finished_when_final",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Environment",
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
                        ("name", models.CharField(max_length=63)),
                        ("title", models.CharField(blank=True, max_length=200)),
                        ("description", models.TextField(blank=True, max_length=5000)),
                        ("admits", models.JSONField(default=list)),
                        (
                            "enforcement",
                            models.CharField(
                                choices=[
                                    ("prevent", "Prevent: it is refused"),
                                    ("warn", "Warn: it goes through with a reason"),
                                    ("allow", "Allow: it goes through and is a finding"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("region", models.CharField(blank=True, max_length=120)),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="environments",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("uses", models.JSONField(blank=True, default=list)),
                        ("deployer", models.CharField(max_length=60)),
                        ("target", models.JSONField(blank=True, default=dict)),
                        ("seen_within_minutes", models.PositiveIntegerField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "db_table": "deployments_environment",
                        "constraints": [
                            models.UniqueConstraint(fields=("name",), name="environment_name_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("enforcement__in", ["prevent", "warn", "allow"])
                                ),
                                name="environment_enforcement_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("seen_within_minutes", None),
                                    ("seen_within_minutes__gte", 1),
                                    _connector="OR",
                                ),
                                name="environment_is_looked_at_in_minutes",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Look",
                    fields=[
                        (
                            "environment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="look",
                                serialize=False,
                                to="deployments.environment",
                            ),
                        ),
                        ("looked_at", models.DateTimeField(blank=True, null=True)),
                        ("tried_at", models.DateTimeField(blank=True, null=True)),
                        ("trouble", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "db_table": "deployments_look",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Placement",
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
                            "rollout",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="catalog.modelversion",
                            ),
                        ),
                        ("content_digest", models.CharField(max_length=71)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("champion", "Champion"),
                                    ("challenger", "Challenger"),
                                    ("canary", "Canary"),
                                    ("shadow", "Shadow"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("share", models.PositiveSmallIntegerField()),
                    ],
                    options={
                        "db_table": "deployments_placement",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("rollout", "version"), name="placement_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("share__lte", 100)),
                                name="placement_share_is_percent",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("role", "shadow"), _negated=True),
                                    ("share", 0),
                                    _connector="OR",
                                ),
                                name="placement_shadow_answers_nothing",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Rollout",
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
                            "deployment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rollouts",
                                to="deployments.deployment",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("deploy", "Deploy"),
                                    ("shift", "Shift traffic"),
                                    ("roll_back", "Roll back"),
                                    ("withdraw", "Withdraw"),
                                    ("drill", "Rollback drill"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waiting for a worker"),
                                    ("running", "Being carried out"),
                                    ("awaited", "Accepted, not yet confirmed"),
                                    ("done", "Carried out"),
                                    ("failed", "Failed"),
                                    ("superseded", "Superseded"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        ("attempt", models.PositiveSmallIntegerField(default=0)),
                        ("deployer", models.CharField(max_length=60)),
                        ("target", models.JSONField(blank=True, default=dict)),
                        ("admission", models.JSONField(blank=True, default=list)),
                        (
                            "restores",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=10000)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("try_at", models.DateTimeField(blank=True, null=True)),
                        ("awaited_until", models.DateTimeField(blank=True, null=True)),
                        ("worker", models.CharField(blank=True, max_length=200)),
                        ("told", models.TextField(blank=True, max_length=2000)),
                    ],
                    options={
                        "db_table": "deployments_rollout",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["queued", "running", "awaited"])),
                                fields=["asked_at"],
                                name="rollout_under_way",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("deployment", "number"), name="rollout_number_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["queued", "running", "awaited"])),
                                fields=("deployment",),
                                name="rollout_waits_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("finished_at", None),
                                        ("state__in", ["queued", "running", "awaited"]),
                                    ),
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("state__in", ["done", "failed", "superseded"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="rollout_finished_when_final",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RolloutLease",
                    fields=[
                        (
                            "rollout",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="lease",
                                serialize=False,
                                to="deployments.rollout",
                            ),
                        ),
                        ("attempt", models.PositiveSmallIntegerField()),
                        ("until", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "deployments_rollout_lease",
                        "indexes": [models.Index(fields=["until"], name="rollout_lease_until")],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Sighting",
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
                            "environment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sightings",
                                to="deployments.environment",
                            ),
                        ),
                        ("endpoint", models.CharField(max_length=300)),
                        (
                            "deployment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sightings",
                                to="deployments.deployment",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sightings",
                                to="catalog.modelversion",
                            ),
                        ),
                        ("digest", models.CharField(blank=True, max_length=71)),
                        ("called", models.CharField(blank=True, max_length=300)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("agent", "Reported by an agent"),
                                    ("deployer", "Asked of the deployer"),
                                    ("probe", "Asked of the endpoint"),
                                    ("hand", "Recorded by hand"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("first_seen_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                        ("share", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("requests", models.PositiveBigIntegerField(blank=True, null=True)),
                        (
                            "seen_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_why", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "db_table": "deployments_sighting",
                        "indexes": [
                            models.Index(
                                fields=["deployment", "-id"], name="sighting_newest_first"
                            ),
                            models.Index(
                                condition=models.Q(("ended_at", None)),
                                fields=["environment", "endpoint"],
                                name="sighting_going_on",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("environment", "endpoint", "digest", "called"),
                                name="sighting_goes_on_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("digest", ""), _negated=True),
                                    models.Q(("called", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="sighting_says_what_it_saw",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalDeployment",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
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
                        ("service", models.CharField(max_length=63)),
                        ("created_at", models.DateTimeField()),
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
                            "environment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.environment",
                            ),
                        ),
                        (
                            "desired",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "in_effect",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.rollout",
                            ),
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
                    ],
                    options={
                        "verbose_name": "historical deployment",
                        "verbose_name_plural": "historical deployments",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalDrill",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("leaving", "Going back"),
                                    ("returning", "Coming forth again"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                ],
                                default="leaving",
                                max_length=9,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("told", models.TextField(blank=True, max_length=2000)),
                        (
                            "deployment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.deployment",
                            ),
                        ),
                        (
                            "left",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "away",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "back",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.rollout",
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
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical drill",
                        "verbose_name_plural": "historical drills",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalEnvironment",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
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
                        ("name", models.CharField(max_length=63)),
                        ("title", models.CharField(blank=True, max_length=200)),
                        ("description", models.TextField(blank=True, max_length=5000)),
                        ("admits", models.JSONField(default=list)),
                        (
                            "enforcement",
                            models.CharField(
                                choices=[
                                    ("prevent", "Prevent: it is refused"),
                                    ("warn", "Warn: it goes through with a reason"),
                                    ("allow", "Allow: it goes through and is a finding"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("region", models.CharField(blank=True, max_length=120)),
                        ("uses", models.JSONField(blank=True, default=list)),
                        ("deployer", models.CharField(max_length=60)),
                        ("target", models.JSONField(blank=True, default=dict)),
                        ("seen_within_minutes", models.PositiveIntegerField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
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
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
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
                    ],
                    options={
                        "verbose_name": "historical environment",
                        "verbose_name_plural": "historical environments",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalPlacement",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
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
                        ("content_digest", models.CharField(max_length=71)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("champion", "Champion"),
                                    ("challenger", "Challenger"),
                                    ("canary", "Canary"),
                                    ("shadow", "Shadow"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("share", models.PositiveSmallIntegerField()),
                        (
                            "rollout",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.rollout",
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
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical placement",
                        "verbose_name_plural": "historical placements",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRollout",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
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
                        ("number", models.PositiveIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("deploy", "Deploy"),
                                    ("shift", "Shift traffic"),
                                    ("roll_back", "Roll back"),
                                    ("withdraw", "Withdraw"),
                                    ("drill", "Rollback drill"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waiting for a worker"),
                                    ("running", "Being carried out"),
                                    ("awaited", "Accepted, not yet confirmed"),
                                    ("done", "Carried out"),
                                    ("failed", "Failed"),
                                    ("superseded", "Superseded"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        ("attempt", models.PositiveSmallIntegerField(default=0)),
                        ("deployer", models.CharField(max_length=60)),
                        ("target", models.JSONField(blank=True, default=dict)),
                        ("admission", models.JSONField(blank=True, default=list)),
                        ("reason", models.TextField(blank=True, max_length=10000)),
                        ("asked_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("try_at", models.DateTimeField(blank=True, null=True)),
                        ("awaited_until", models.DateTimeField(blank=True, null=True)),
                        ("worker", models.CharField(blank=True, max_length=200)),
                        ("told", models.TextField(blank=True, max_length=2000)),
                        (
                            "deployment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.deployment",
                            ),
                        ),
                        (
                            "restores",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.rollout",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
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
                    ],
                    options={
                        "verbose_name": "historical rollout",
                        "verbose_name_plural": "historical rollouts",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalSighting",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
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
                        ("endpoint", models.CharField(max_length=300)),
                        ("digest", models.CharField(blank=True, max_length=71)),
                        ("called", models.CharField(blank=True, max_length=300)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("agent", "Reported by an agent"),
                                    ("deployer", "Asked of the deployer"),
                                    ("probe", "Asked of the endpoint"),
                                    ("hand", "Recorded by hand"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("first_seen_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                        ("share", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("requests", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_why", models.CharField(blank=True, max_length=200)),
                        (
                            "environment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.environment",
                            ),
                        ),
                        (
                            "deployment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="deployments.deployment",
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
                            "seen_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
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
                    ],
                    options={
                        "verbose_name": "historical sighting",
                        "verbose_name_plural": "historical sightings",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
            ],
        ),
    ]
