import importlib
import uuid

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import apps.catalog.models.starts
import apps.core.identifiers
from apps.core.tables import CreateTables

TRACKING = importlib.import_module("apps.catalog.migrations.0003_fill_tracking_columns")
SEARCH = importlib.import_module("apps.catalog.migrations.0007_search")


class Migration(migrations.Migration):
    replaces = [
        ("catalog", "0001_initial"),
        ("catalog", "0002_tracking_and_tombstones"),
        ("catalog", "0003_fill_tracking_columns"),
        ("catalog", "0004_one_last_point_of_a_series"),
        ("catalog", "0005_inventory"),
        ("catalog", "0006_lineage"),
        ("catalog", "0007_search"),
        ("catalog", "0008_search_indexes"),
        ("catalog", "0009_search_indexes"),
        ("catalog", "0010_evidence_permissions"),
        ("catalog", "0011_scrub"),
        ("catalog", "0012_versions_of_a_model"),
        ("catalog", "0013_decision_permissions"),
        ("catalog", "0014_disposal"),
        ("catalog", "0015_risk_permissions"),
        ("catalog", "0016_exam_rooms"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0004_single_sign_on"),
        ("audit", "0004_redaction"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="Artifact",
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
                        ("sha256", models.CharField(max_length=64, unique=True)),
                        ("size", models.PositiveBigIntegerField()),
                        ("stored_at", models.DateTimeField()),
                        ("verified_at", models.DateTimeField()),
                        ("quarantined_at", models.DateTimeField(null=True)),
                        ("disposed_at", models.DateTimeField(null=True)),
                        ("erased_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "catalog_artifact",
                        "indexes": [
                            models.Index(fields=["verified_at", "id"], name="artifact_oldest_look"),
                            models.Index(
                                condition=models.Q(
                                    ("disposed_at__isnull", False), ("erased_at", None)
                                ),
                                fields=["disposed_at"],
                                name="artifact_to_erase",
                            ),
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRegisteredModel",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=256)),
                        ("folded_name", models.CharField(editable=False, max_length=300)),
                        ("title", models.CharField(blank=True, max_length=200)),
                        ("intended_use", models.TextField(blank=True, max_length=5000)),
                        ("out_of_scope_uses", models.TextField(blank=True, max_length=5000)),
                        ("limitations", models.TextField(blank=True, max_length=5000)),
                        ("domain", models.CharField(blank=True, max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("in_house", "In-house"),
                                    ("vendor", "Vendor"),
                                    ("foundation", "Foundation model"),
                                    ("adapter", "Adapter"),
                                    ("prompt", "Prompt"),
                                    ("rules", "Rule set"),
                                ],
                                default="in_house",
                                max_length=12,
                            ),
                        ),
                        ("method", models.CharField(blank=True, max_length=200)),
                        ("flags", models.JSONField(blank=True, default=list)),
                        (
                            "runs_several",
                            models.BooleanField(
                                default=False, verbose_name="several versions in production"
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("touched_at", models.DateTimeField()),
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
                        ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("description", models.TextField(blank=True, max_length=5000)),
                    ],
                    options={
                        "verbose_name": "historical registered model",
                        "verbose_name_plural": "historical registered models",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RegisteredModel",
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
                        ("name", models.CharField(max_length=256)),
                        ("folded_name", models.CharField(editable=False, max_length=300)),
                        ("title", models.CharField(blank=True, max_length=200)),
                        ("intended_use", models.TextField(blank=True, max_length=5000)),
                        ("out_of_scope_uses", models.TextField(blank=True, max_length=5000)),
                        ("limitations", models.TextField(blank=True, max_length=5000)),
                        ("domain", models.CharField(blank=True, max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("in_house", "In-house"),
                                    ("vendor", "Vendor"),
                                    ("foundation", "Foundation model"),
                                    ("adapter", "Adapter"),
                                    ("prompt", "Prompt"),
                                    ("rules", "Rule set"),
                                ],
                                default="in_house",
                                max_length=12,
                            ),
                        ),
                        ("method", models.CharField(blank=True, max_length=200)),
                        ("flags", models.JSONField(blank=True, default=list)),
                        (
                            "runs_several",
                            models.BooleanField(
                                default=False, verbose_name="several versions in production"
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("touched_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owned_models",
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
                        ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("description", models.TextField(blank=True, max_length=5000)),
                    ],
                    options={
                        "db_table": "catalog_registered_model",
                        "permissions": [
                            ("register_version", "Can register a version"),
                            ("delete_version", "Can delete a version nothing refers to"),
                            ("delete_model", "Can delete a model nothing refers to"),
                            ("download_artifacts", "Can download artifacts"),
                            ("run_checks", "Can run checks"),
                            (
                                "set_check_parameters",
                                "Can set the parameters of checks for a model",
                            ),
                            ("manage_checks", "Can set parameters for every model, and load lists"),
                            ("post_check_results", "Can post results of external checks"),
                            ("attach_attestation", "Can attach signatures and attestations"),
                            ("add_evidence", "Can add evidence"),
                            ("verify_evidence", "Can verify evidence somebody else added"),
                            ("write_documents", "Can write documents"),
                            ("manage_monitoring", "Can set up monitoring and its thresholds"),
                            ("post_measurements", "Can post monitoring measurements"),
                            ("request_promotion", "Can request a promotion"),
                            ("sign_off", "Can sign off in a role held"),
                            ("promote_version", "Can promote once the gate is open"),
                            ("roll_back_version", "Can roll back"),
                            (
                                "retire_version",
                                "Can archive and decommission once the gate is open",
                            ),
                            ("request_waiver", "Can ask for a waiver"),
                            ("review_emergencies", "Can review what was done in an emergency"),
                            (
                                "manage_retention",
                                "Can set retention, and dispose of what was kept long enough",
                            ),
                            ("place_legal_hold", "Can place and lift legal holds"),
                            ("write_policies", "Can draft and propose policies"),
                            ("sign_policies", "Can sign policies"),
                            ("answer_assessments", "Can answer risk assessments as a respondent"),
                            ("write_questionnaires", "Can draft and propose questionnaires"),
                            ("sign_questionnaires", "Can sign questionnaires"),
                            ("override_tier", "Can ask for a tier other than the assessed one"),
                            ("raise_finding", "Can raise findings, and answer for those owned"),
                            (
                                "manage_findings",
                                "Can close findings, and say who owns them and until when",
                            ),
                            ("accept_risk", "Can accept the risk of a finding until a day"),
                            ("report_incident", "Can report incidents"),
                            ("manage_incidents", "Can follow incidents to their end"),
                            ("attest_model", "Can attest that the record of a model is right"),
                            ("manage_reviews", "Can carry out reviews, and run campaigns"),
                            ("fill_inventory", "Can fill inventory fields of the roles held"),
                            ("manage_fields", "Can add inventory fields and make fields required"),
                            ("manage_access", "Can grant duties of the first line"),
                            ("manage_oversight", "Can grant duties of the second and third line"),
                            ("open_exams", "Can open exam rooms for examiners from outside"),
                        ],
                        "default_permissions": ("add", "change", "view"),
                        "indexes": [
                            models.Index(fields=["-touched_at", "-id"], name="model_newest_first")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("deleted_at", None)),
                                fields=("name",),
                                name="registered_model_name",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("deleted_at", None)),
                                fields=("folded_name",),
                                name="registered_model_looks",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ModelTag",
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
                        ("key", models.CharField(max_length=250)),
                        ("value", models.TextField(blank=True, max_length=5000)),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tags",
                                to="catalog.registeredmodel",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_model_tag",
                        "indexes": [
                            models.Index(
                                models.F("key"),
                                apps.catalog.models.starts.Start("value"),
                                models.F("model"),
                                name="model_tag_to_model",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("model", "key"), name="model_tag_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ModelDuty",
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
                            "role",
                            models.CharField(
                                choices=[
                                    ("model_owner", "Model owner"),
                                    ("model_developer", "Model developer"),
                                    ("business_sponsor", "Business sponsor"),
                                    ("operator", "Operator"),
                                    ("human_oversight_lead", "Human oversight lead"),
                                    ("peer_reviewer", "Peer reviewer"),
                                    ("validator", "Independent validator"),
                                    ("risk_officer", "Model risk officer"),
                                    ("compliance_officer", "Compliance officer"),
                                    ("privacy_officer", "Privacy officer"),
                                    ("security_officer", "Security officer"),
                                    ("legal_counsel", "Legal counsel"),
                                    ("third_party_risk", "Third-party risk manager"),
                                    ("records_manager", "Records manager"),
                                    ("governance_committee", "AI and model governance committee"),
                                    ("executive_sponsor", "Accountable executive"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=40,
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="accounts.team",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="duties",
                                to="catalog.registeredmodel",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "model duties",
                        "db_table": "catalog_model_duty",
                        "indexes": [],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("team__isnull", False), ("user", None)),
                                    models.Q(("team", None), ("user__isnull", False)),
                                    _connector="OR",
                                ),
                                name="model_duty_one_holder",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("until", None), ("user__isnull", False)),
                                fields=("model", "user", "role"),
                                name="model_duty_once_by_user",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("team__isnull", False), ("until", None)),
                                fields=("model", "team", "role"),
                                name="model_duty_once_by_team",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalModelTag",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=250)),
                        ("value", models.TextField(blank=True, max_length=5000)),
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
                        "verbose_name": "historical model tag",
                        "verbose_name_plural": "historical model tags",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalModelDuty",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("model_owner", "Model owner"),
                                    ("model_developer", "Model developer"),
                                    ("business_sponsor", "Business sponsor"),
                                    ("operator", "Operator"),
                                    ("human_oversight_lead", "Human oversight lead"),
                                    ("peer_reviewer", "Peer reviewer"),
                                    ("validator", "Independent validator"),
                                    ("risk_officer", "Model risk officer"),
                                    ("compliance_officer", "Compliance officer"),
                                    ("privacy_officer", "Privacy officer"),
                                    ("security_officer", "Security officer"),
                                    ("legal_counsel", "Legal counsel"),
                                    ("third_party_risk", "Third-party risk manager"),
                                    ("records_manager", "Records manager"),
                                    ("governance_committee", "AI and model governance committee"),
                                    ("executive_sponsor", "Accountable executive"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=40,
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
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
                        (
                            "user",
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
                        "verbose_name": "historical model duty",
                        "verbose_name_plural": "historical model duties",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RegisteredModelGroupPermission",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "content_object",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.group"
                            ),
                        ),
                        (
                            "permission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.permission"
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_model_group_permission",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["content_object", "permission", "group"],
                                name="model_perm_group",
                            )
                        ],
                        "constraints": [],
                        "unique_together": {("group", "permission", "content_object")},
                    },
                ),
                migrations.CreateModel(
                    name="RegisteredModelUserPermission",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "content_object",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "permission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.permission"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_model_user_permission",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["content_object", "permission", "user"],
                                name="model_perm_user",
                            )
                        ],
                        "constraints": [],
                        "unique_together": {("user", "permission", "content_object")},
                    },
                ),
                migrations.CreateModel(
                    name="Upload",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("taken_at", models.DateTimeField(null=True)),
                        (
                            "starter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_upload",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("taken_at", None)),
                                fields=["expires_at"],
                                name="upload_not_taken",
                            )
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="UploadFile",
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
                        ("path", models.CharField(max_length=1024)),
                        ("folded_path", models.CharField(editable=False, max_length=1100)),
                        (
                            "media_type",
                            models.CharField(default="application/octet-stream", max_length=120),
                        ),
                        (
                            "artifact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, to="catalog.artifact"
                            ),
                        ),
                        (
                            "upload",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="catalog.upload",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_upload_file",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("upload", "folded_path"), name="upload_file_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Experiment",
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
                        ("name", models.CharField(max_length=500, unique=True)),
                        ("created_at", models.DateTimeField()),
                        ("touched_at", models.DateTimeField()),
                        ("deleted_at", models.DateTimeField(null=True)),
                        ("tags", models.JSONField(default=dict)),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_experiment",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Run",
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
                        ("uid", models.CharField(max_length=32, unique=True)),
                        ("name", models.CharField(blank=True, max_length=250)),
                        ("source", models.CharField(blank=True, max_length=500)),
                        ("created_at", models.DateTimeField()),
                        ("starter_id", models.CharField(max_length=40)),
                        ("deleted_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("revision", models.PositiveBigIntegerField(default=0)),
                        ("started_at", models.DateTimeField(null=True)),
                        (
                            "started_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("RUNNING", "Running"),
                                    ("SCHEDULED", "Scheduled"),
                                    ("FINISHED", "Finished"),
                                    ("FAILED", "Failed"),
                                    ("KILLED", "Killed"),
                                ],
                                default="FINISHED",
                                max_length=9,
                            ),
                        ),
                        (
                            "experiment",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="catalog.experiment",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_run",
                        "indexes": [
                            models.Index(
                                fields=["experiment", "-started_at", "-id"], name="run_newest_first"
                            )
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ModelVersion",
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
                            "stage",
                            models.CharField(
                                choices=[
                                    ("development", "Development"),
                                    ("staging", "Staging"),
                                    ("production", "Production"),
                                    ("archived", "Archived"),
                                    ("decommissioned", "Decommissioned"),
                                ],
                                default="development",
                                max_length=16,
                            ),
                        ),
                        (
                            "readiness",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("ready", "Ready"),
                                    ("failed", "Failed"),
                                ],
                                default="pending",
                                max_length=8,
                            ),
                        ),
                        ("content_digest", models.CharField(blank=True, max_length=71)),
                        ("facts_digest", models.CharField(blank=True, max_length=71)),
                        ("description", models.TextField(blank=True, max_length=5000)),
                        ("source", models.CharField(blank=True, max_length=500)),
                        ("signature", models.JSONField(blank=True, null=True)),
                        ("input_example", models.JSONField(blank=True, null=True)),
                        ("framework", models.CharField(blank=True, max_length=120)),
                        ("flavors", models.JSONField(blank=True, default=list)),
                        ("python_version", models.CharField(blank=True, max_length=20)),
                        ("packages", models.JSONField(blank=True, default=list)),
                        ("code_repository", models.CharField(blank=True, max_length=500)),
                        ("code_commit", models.CharField(blank=True, max_length=64)),
                        ("code_is_dirty", models.BooleanField(default=False)),
                        ("container_digest", models.CharField(blank=True, max_length=71)),
                        (
                            "change_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("initial", "Initial"),
                                    ("material", "Material"),
                                    ("minor", "Minor"),
                                    ("configuration", "Configuration"),
                                    ("emergency", "Emergency"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("contributors", models.JSONField(default=list)),
                        ("file_count", models.PositiveIntegerField(default=0)),
                        ("byte_count", models.PositiveBigIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("ready_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "authorized_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="first entered production"
                            ),
                        ),
                        ("shares_production", models.BooleanField(default=False, editable=False)),
                        (
                            "base_version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "model",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="catalog.run",
                            ),
                        ),
                        ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("logged_model_uid", models.CharField(blank=True, max_length=64)),
                        ("run_link", models.CharField(blank=True, max_length=500)),
                        ("run_revision", models.PositiveBigIntegerField(default=0)),
                        ("run_uid", models.CharField(blank=True, max_length=32)),
                        ("touched_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "catalog_model_version",
                        "indexes": [
                            models.Index(fields=["stage", "model"], name="version_by_stage"),
                            models.Index(fields=["content_digest"], name="version_by_digest"),
                            models.Index(
                                fields=["model", "stage", "-number"], name="version_latest_by_stage"
                            ),
                            models.Index(
                                fields=["-touched_at", "-id"], name="version_touched_last"
                            ),
                            models.Index(
                                condition=models.Q(("run_uid", ""), _negated=True),
                                fields=["run_uid"],
                                name="version_by_run",
                            ),
                            models.Index(
                                fields=["-created_at", "-id"], name="version_created_last"
                            ),
                            models.Index(fields=["source"], name="version_by_source"),
                            models.Index(
                                fields=["model", "-touched_at", "-number"],
                                name="version_touched_in_model",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("model", "number"), name="version_number_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "stage__in",
                                        [
                                            "development",
                                            "staging",
                                            "production",
                                            "archived",
                                            "decommissioned",
                                        ],
                                    )
                                ),
                                name="version_stage_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("readiness", "ready"), _negated=True),
                                    models.Q(
                                        ("ready_at__isnull", False),
                                        models.Q(("content_digest", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="ready_version_has_a_digest",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("shares_production", False), ("stage", "production")
                                ),
                                fields=("model",),
                                name="one_version_in_production",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalVersionTag",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=250)),
                        ("value", models.TextField(blank=True, max_length=100000)),
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
                    ],
                    options={
                        "verbose_name": "historical version tag",
                        "verbose_name_plural": "historical version tags",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAlias",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=255)),
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
                        "verbose_name": "historical alias",
                        "verbose_name_plural": "historical aliases",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Alias",
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
                        ("name", models.CharField(max_length=255)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="aliases",
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="aliases",
                                to="catalog.registeredmodel",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "aliases",
                        "db_table": "catalog_alias",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("model", "name"), name="alias_once_per_model"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalModelVersion",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("development", "Development"),
                                    ("staging", "Staging"),
                                    ("production", "Production"),
                                    ("archived", "Archived"),
                                    ("decommissioned", "Decommissioned"),
                                ],
                                default="development",
                                max_length=16,
                            ),
                        ),
                        (
                            "readiness",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("ready", "Ready"),
                                    ("failed", "Failed"),
                                ],
                                default="pending",
                                max_length=8,
                            ),
                        ),
                        ("content_digest", models.CharField(blank=True, max_length=71)),
                        ("facts_digest", models.CharField(blank=True, max_length=71)),
                        ("description", models.TextField(blank=True, max_length=5000)),
                        ("source", models.CharField(blank=True, max_length=500)),
                        ("signature", models.JSONField(blank=True, null=True)),
                        ("input_example", models.JSONField(blank=True, null=True)),
                        ("framework", models.CharField(blank=True, max_length=120)),
                        ("flavors", models.JSONField(blank=True, default=list)),
                        ("python_version", models.CharField(blank=True, max_length=20)),
                        ("packages", models.JSONField(blank=True, default=list)),
                        ("code_repository", models.CharField(blank=True, max_length=500)),
                        ("code_commit", models.CharField(blank=True, max_length=64)),
                        ("code_is_dirty", models.BooleanField(default=False)),
                        ("container_digest", models.CharField(blank=True, max_length=71)),
                        (
                            "change_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("initial", "Initial"),
                                    ("material", "Material"),
                                    ("minor", "Minor"),
                                    ("configuration", "Configuration"),
                                    ("emergency", "Emergency"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("contributors", models.JSONField(default=list)),
                        ("file_count", models.PositiveIntegerField(default=0)),
                        ("byte_count", models.PositiveBigIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("ready_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "authorized_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="first entered production"
                            ),
                        ),
                        ("shares_production", models.BooleanField(default=False, editable=False)),
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
                            "base_version",
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
                            "run",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.run",
                            ),
                        ),
                        ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("logged_model_uid", models.CharField(blank=True, max_length=64)),
                        ("run_link", models.CharField(blank=True, max_length=500)),
                        ("run_revision", models.PositiveBigIntegerField(default=0)),
                        ("run_uid", models.CharField(blank=True, max_length=32)),
                        ("touched_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "historical model version",
                        "verbose_name_plural": "historical model versions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RunParameter",
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
                        ("key", models.CharField(max_length=250)),
                        ("value", models.CharField(max_length=6000)),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parameters",
                                to="catalog.run",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_run_parameter",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "key"), name="run_parameter_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VersionFile",
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
                        ("path", models.CharField(max_length=1024)),
                        ("folded_path", models.CharField(editable=False, max_length=1100)),
                        (
                            "media_type",
                            models.CharField(default="application/octet-stream", max_length=120),
                        ),
                        (
                            "artifact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, to="catalog.artifact"
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_version_file",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "folded_path"), name="version_file_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VersionTag",
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
                        ("key", models.CharField(max_length=250)),
                        ("value", models.TextField(blank=True, max_length=100000)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tags",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_version_tag",
                        "indexes": [
                            models.Index(
                                models.F("key"),
                                apps.catalog.models.starts.Start("value"),
                                models.F("version"),
                                name="version_tag_to_version",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "key"), name="version_tag_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalTombstone",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
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
                        "verbose_name": "historical tombstone",
                        "verbose_name_plural": "historical tombstones",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="LoggedModel",
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
                        ("uid", models.CharField(max_length=34, unique=True)),
                        ("name", models.CharField(max_length=500)),
                        ("kind", models.CharField(blank=True, max_length=500)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("LOGGED_MODEL_PENDING", "Pending"),
                                    ("LOGGED_MODEL_READY", "Ready"),
                                    ("LOGGED_MODEL_UPLOAD_FAILED", "Failed"),
                                ],
                                default="LOGGED_MODEL_PENDING",
                                max_length=26,
                            ),
                        ),
                        ("status_message", models.CharField(blank=True, max_length=500)),
                        ("created_at", models.DateTimeField()),
                        ("touched_at", models.DateTimeField()),
                        ("deleted_at", models.DateTimeField(null=True)),
                        ("parameters", models.JSONField(default=dict)),
                        ("tags", models.JSONField(default=dict)),
                        (
                            "experiment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="logged_models",
                                to="catalog.experiment",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="logged_models",
                                to="catalog.run",
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
                    ],
                    options={
                        "db_table": "catalog_logged_model",
                        "indexes": [
                            models.Index(
                                fields=["experiment", "-created_at", "-id"],
                                name="logged_newest_first",
                            )
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="RunMetric",
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
                        ("key", models.CharField(max_length=250)),
                        ("value", models.FloatField()),
                        ("step", models.BigIntegerField(default=0)),
                        ("dataset", models.CharField(blank=True, max_length=500)),
                        ("slice", models.CharField(blank=True, max_length=250)),
                        ("lower", models.FloatField(blank=True, null=True)),
                        ("upper", models.FloatField(blank=True, null=True)),
                        ("higher_is_better", models.BooleanField(blank=True, null=True)),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="metrics",
                                to="catalog.run",
                            ),
                        ),
                        ("dataset_digest", models.CharField(blank=True, max_length=36)),
                        ("is_last", models.BooleanField(default=True)),
                        ("is_nan", models.BooleanField(default=False)),
                        ("measured_ms", models.BigIntegerField(null=True)),
                        (
                            "logged_model",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="metrics",
                                to="catalog.loggedmodel",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_run_metric",
                        "indexes": [
                            models.Index(fields=["run", "key", "step", "id"], name="metric_series"),
                            models.Index(
                                condition=models.Q(("logged_model__isnull", False)),
                                fields=["logged_model"],
                                name="metric_of_logged_model",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_last", True)),
                                fields=("run", "key", "dataset", "slice"),
                                name="one_last_point_of_a_series",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunDataset",
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
                        ("name", models.CharField(max_length=500)),
                        ("digest", models.CharField(max_length=36)),
                        ("context", models.CharField(blank=True, max_length=250)),
                        ("source_type", models.CharField(blank=True, max_length=100)),
                        ("source", models.TextField(blank=True)),
                        ("schema", models.TextField(blank=True)),
                        ("profile", models.TextField(blank=True)),
                        ("tags", models.JSONField(default=dict)),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="datasets",
                                to="catalog.run",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_run_dataset",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "name", "digest", "context"), name="run_dataset_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunTag",
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
                        ("key", models.CharField(max_length=250)),
                        ("value", models.TextField(blank=True)),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tags",
                                to="catalog.run",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_run_tag",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(fields=("run", "key"), name="run_tag_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Tombstone",
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
                                related_name="tombstones",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tombstones",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_tombstone",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("version", None)),
                                fields=("model",),
                                name="one_tombstone_per_model",
                            ),
                            models.UniqueConstraint(
                                fields=("version",), name="one_tombstone_per_version"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrackedFile",
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
                        ("path", models.CharField(max_length=1024)),
                        ("folded_path", models.CharField(editable=False, max_length=1100)),
                        (
                            "media_type",
                            models.CharField(default="application/octet-stream", max_length=120),
                        ),
                        ("written_at", models.DateTimeField()),
                        (
                            "artifact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, to="catalog.artifact"
                            ),
                        ),
                        (
                            "logged_model",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="catalog.loggedmodel",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="catalog.run",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_tracked_file",
                        "indexes": [],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("run__isnull", False),
                                    ("logged_model__isnull", False),
                                    _connector="XOR",
                                ),
                                name="tracked_file_has_one_home",
                            ),
                            models.UniqueConstraint(
                                fields=("run", "folded_path"), name="run_file_once"
                            ),
                            models.UniqueConstraint(
                                fields=("logged_model", "folded_path"),
                                name="logged_model_file_once",
                            ),
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
                        "verbose_name": "historical model sheet",
                        "verbose_name_plural": "historical model sheets",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
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
                        "verbose_name": "historical own field",
                        "verbose_name_plural": "historical own fields",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
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
                        "verbose_name": "historical third party",
                        "verbose_name_plural": "historical third parties",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
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
                        "verbose_name": "historical use case",
                        "verbose_name_plural": "historical use cases",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
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
                    ],
                    options={
                        "verbose_name": "historical version sheet",
                        "verbose_name_plural": "historical version sheets",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ModelSheet",
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
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="OwnField",
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
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ThirdParty",
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
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="VersionSheet",
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
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="UseCase",
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
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Asset",
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
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="retired"),
                        ),
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
                        "indexes": [models.Index(fields=["name", "id"], name="asset_by_name")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("kind", "name", "version", "digest"),
                                name="asset_once_while_in_use",
                            )
                        ],
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
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="retired"),
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
                        "indexes": [],
                        "constraints": [],
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
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="ended"),
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
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="LineageEdge",
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
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="ended"),
                        ),
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
                        "indexes": [],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("origin_asset__isnull", False),
                                    ("origin_version__isnull", False),
                                    _connector="XOR",
                                ),
                                name="lineage_edge_has_one_origin",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("target_asset__isnull", False),
                                    ("target_version__isnull", False),
                                    _connector="XOR",
                                ),
                                name="lineage_edge_has_one_target",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("origin_asset", models.F("target_asset")),
                                    ("origin_asset__isnull", False),
                                    _negated=True,
                                ),
                                name="lineage_edge_joins_two_assets",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("origin_version", models.F("target_version")),
                                    ("origin_version__isnull", False),
                                    _negated=True,
                                ),
                                name="lineage_edge_joins_two_versions",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("origin_asset", "target_asset", "relation"),
                                name="lineage_asset_to_asset_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("origin_asset", "target_version", "relation"),
                                name="lineage_asset_to_version_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("origin_version", "target_asset", "relation"),
                                name="lineage_version_to_asset_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("origin_version", "target_version", "relation"),
                                name="lineage_version_to_version_once",
                            ),
                        ],
                    },
                ),
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
                    options={
                        "db_table": "catalog_search_text",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
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
                    options={
                        "db_table": "catalog_saved_view",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "name"), name="saved_view_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DisposedVersion",
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
                        ("disposed_at", models.DateTimeField()),
                        (
                            "version",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disposal",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_disposed_version",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalExamRoom",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("authority", models.CharField(max_length=200)),
                        ("reason", models.TextField(max_length=10000)),
                        ("begins_at", models.DateTimeField()),
                        ("until", models.DateTimeField()),
                        ("parts", models.JSONField(default=list)),
                        ("granted", models.JSONField(default=list)),
                        ("opened_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
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
                            "closed_by",
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
                            "examiner",
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
                            "opened_by",
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
                        "verbose_name": "historical exam room",
                        "verbose_name_plural": "historical exam rooms",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ExamRoom",
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
                        ("title", models.CharField(max_length=200)),
                        ("authority", models.CharField(max_length=200)),
                        ("reason", models.TextField(max_length=10000)),
                        ("begins_at", models.DateTimeField()),
                        ("until", models.DateTimeField()),
                        ("parts", models.JSONField(default=list)),
                        ("granted", models.JSONField(default=list)),
                        ("opened_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "examiner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="exams",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_exam_room",
                        "indexes": [
                            models.Index(fields=["examiner", "-id"], name="exam_room_newest")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("until__gt", models.F("begins_at"))),
                                name="exam_room_lasts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at", None), ("closed_by", None)),
                                    models.Q(
                                        ("closed_at__isnull", False), ("closed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="exam_room_closed_by_somebody",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(TRACKING.fill, TRACKING.forget),
        migrations.RunPython(SEARCH.index, SEARCH.forget),
    ]
