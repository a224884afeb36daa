import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("approvals", "0001_initial"),
        ("approvals", "0002_decisions"),
        ("approvals", "0003_name_transitions"),
        ("approvals", "0004_rule_breaches"),
        ("approvals", "0005_obligations_of_waivers"),
        ("approvals", "0006_evidence_packs"),
        ("approvals", "0007_plural_names"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0004_single_sign_on"),
        ("audit", "0004_redaction"),
        ("catalog", "0016_exam_rooms"),
        ("risk", "0004_plural_names"),
        ("validation", "0008_signature_names"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="HistoricalPromotionRequest",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "target",
                            models.CharField(
                                choices=[
                                    ("development", "Development"),
                                    ("staging", "Staging"),
                                    ("production", "Production"),
                                    ("archived", "Archived"),
                                    ("decommissioned", "Decommissioned"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("promoted", "Promoted"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                    ("lapsed", "Lapsed"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("justification", models.TextField(max_length=10000)),
                        ("requested_at", models.DateTimeField()),
                        ("policy_id", models.CharField(max_length=80)),
                        ("policy_version", models.CharField(max_length=20)),
                        ("policy_digest", models.CharField(max_length=71)),
                        ("content_digest", models.CharField(max_length=71)),
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
                            "replaced",
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
                            "requested_by",
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
                            "mode",
                            models.CharField(
                                choices=[("standard", "Standard"), ("emergency", "Emergency")],
                                default="standard",
                                max_length=10,
                            ),
                        ),
                        ("note", models.TextField(blank=True, max_length=10000)),
                        ("transition", models.CharField(max_length=64)),
                    ],
                    options={
                        "verbose_name": "historical promotion request",
                        "verbose_name_plural": "historical promotion requests",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PromotionRequest",
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
                            "target",
                            models.CharField(
                                choices=[
                                    ("development", "Development"),
                                    ("staging", "Staging"),
                                    ("production", "Production"),
                                    ("archived", "Archived"),
                                    ("decommissioned", "Decommissioned"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("promoted", "Promoted"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                    ("lapsed", "Lapsed"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("justification", models.TextField(max_length=10000)),
                        ("requested_at", models.DateTimeField()),
                        ("policy_id", models.CharField(max_length=80)),
                        ("policy_version", models.CharField(max_length=20)),
                        ("policy_digest", models.CharField(max_length=71)),
                        ("content_digest", models.CharField(max_length=71)),
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
                            "replaced",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="promotion_requests",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[("standard", "Standard"), ("emergency", "Emergency")],
                                default="standard",
                                max_length=10,
                            ),
                        ),
                        ("note", models.TextField(blank=True, max_length=10000)),
                        ("transition", models.CharField(max_length=64)),
                    ],
                    options={
                        "db_table": "approvals_promotion_request",
                        "indexes": [models.Index(fields=["state", "-id"], name="request_by_state")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")),
                                fields=("version", "transition"),
                                name="one_open_request",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["open", "promoted", "declined", "withdrawn", "lapsed"],
                                    ),
                                    (
                                        "target__in",
                                        ["staging", "production", "archived", "decommissioned"],
                                    ),
                                    ("mode__in", ["standard", "emergency"]),
                                ),
                                name="request_state_and_target_are_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at", None), ("closed_by", None), ("state", "open")
                                    ),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("closed_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="request_closed_when_decided",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSignOff",
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
                        ("meaning", models.CharField(max_length=20)),
                        (
                            "decision",
                            models.CharField(
                                choices=[
                                    ("approve", "Approve"),
                                    ("with_conditions", "Approve with conditions"),
                                    ("ask_changes", "Ask for changes"),
                                    ("decline", "Decline"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=10000)),
                        ("signer_name", models.CharField(max_length=150)),
                        ("statement", models.TextField()),
                        ("statement_digest", models.CharField(max_length=71)),
                        ("dossier", models.TextField()),
                        ("dossier_digest", models.CharField(max_length=71)),
                        ("nonce", models.CharField(db_index=True, max_length=64)),
                        ("method", models.CharField(max_length=20)),
                        ("signed_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
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
                            "request",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.promotionrequest",
                            ),
                        ),
                        (
                            "on_behalf_of",
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
                        "verbose_name": "historical sign off",
                        "verbose_name_plural": "historical sign offs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="SignOff",
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
                        ("meaning", models.CharField(max_length=20)),
                        (
                            "decision",
                            models.CharField(
                                choices=[
                                    ("approve", "Approve"),
                                    ("with_conditions", "Approve with conditions"),
                                    ("ask_changes", "Ask for changes"),
                                    ("decline", "Decline"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=10000)),
                        ("signer_name", models.CharField(max_length=150)),
                        ("statement", models.TextField()),
                        ("statement_digest", models.CharField(max_length=71)),
                        ("dossier", models.TextField()),
                        ("dossier_digest", models.CharField(max_length=71)),
                        ("nonce", models.CharField(max_length=64, unique=True)),
                        ("method", models.CharField(max_length=20)),
                        ("signed_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_offs",
                                to="approvals.promotionrequest",
                            ),
                        ),
                        (
                            "signer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "on_behalf_of",
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
                        "db_table": "approvals_sign_off",
                        "indexes": [
                            models.Index(fields=["request", "id"], name="sign_off_of_request")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("signed_at"))),
                                name="sign_off_lasts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "decision__in",
                                        ["approve", "with_conditions", "ask_changes", "decline"],
                                    )
                                ),
                                name="sign_off_decision_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSignOffWithdrawal",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.TextField(max_length=10000)),
                        ("withdrawn_at", models.DateTimeField()),
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
                            "sign_off",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.signoff",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical sign off withdrawal",
                        "verbose_name_plural": "historical sign off withdrawals",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="SignOffWithdrawal",
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
                        ("reason", models.TextField(max_length=10000)),
                        ("withdrawn_at", models.DateTimeField()),
                        (
                            "sign_off",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="withdrawal",
                                to="approvals.signoff",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_sign_off_withdrawal",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Authorization",
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
                        ("content_digest", models.CharField(max_length=71)),
                        ("policy_digest", models.CharField(max_length=71)),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("granted_at", models.DateTimeField()),
                        ("valid_until", models.DateTimeField(blank=True, null=True)),
                        ("waiver_ids", models.JSONField(default=list)),
                        ("sign_off_ids", models.JSONField(default=list)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("valid", "Valid"),
                                    ("suspended", "Suspended"),
                                    ("revoked", "Revoked"),
                                    ("ended", "Ended"),
                                ],
                                default="valid",
                                max_length=9,
                            ),
                        ),
                        ("changed_at", models.DateTimeField()),
                        ("why", models.CharField(blank=True, max_length=500)),
                        (
                            "request",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="granted",
                                to="approvals.promotionrequest",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="authorizations",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_authorization",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "valid")),
                                fields=["valid_until"],
                                name="authorization_runs_out",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["valid", "suspended"])),
                                fields=("version",),
                                name="one_standing_authorization",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["valid", "suspended", "revoked", "ended"])
                                ),
                                name="authorization_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("valid_until__gt", models.F("granted_at"))),
                                name="authorization_lasts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Comment",
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
                            "section",
                            models.CharField(
                                choices=[
                                    ("whole", "The whole request"),
                                    ("changes", "What changes"),
                                    ("checks", "Checks"),
                                    ("gate", "Gate"),
                                    ("sign_offs", "Sign-offs"),
                                    ("purpose", "Purpose"),
                                ],
                                default="whole",
                                max_length=10,
                            ),
                        ),
                        ("text", models.TextField(max_length=10000)),
                        ("written_at", models.DateTimeField()),
                        ("mentioned", models.JSONField(default=list)),
                        ("resolved_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "answers",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answered_by",
                                to="approvals.comment",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="comments",
                                to="approvals.promotionrequest",
                            ),
                        ),
                        (
                            "resolved_by",
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
                        "db_table": "approvals_comment",
                        "indexes": [
                            models.Index(fields=["request", "id"], name="comment_of_request")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Delegation",
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
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField()),
                        ("reason", models.TextField(max_length=2000)),
                        ("made_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "delegate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegated_to",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "delegator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "model",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegations",
                                to="catalog.registeredmodel",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_delegation",
                        "indexes": [
                            models.Index(
                                fields=["delegate", "ends_on"], name="delegation_to_person"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("delegator", models.F("delegate")), _negated=True
                                ),
                                name="delegation_to_somebody_else",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                                name="delegation_ends_after_it_starts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DissentAnswer",
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
                        ("text", models.TextField(max_length=10000)),
                        ("at", models.DateTimeField()),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "sign_off",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answer",
                                to="approvals.signoff",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_dissent_answer",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Emergency",
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
                        ("acted_at", models.DateTimeField()),
                        ("reason", models.TextField(max_length=10000)),
                        ("ratify_until", models.DateTimeField()),
                        ("roles", models.JSONField(default=list)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Waits for confirmation"),
                                    ("ratified", "Confirmed"),
                                    ("lapsed", "Not confirmed in time"),
                                ],
                                default="open",
                                max_length=8,
                            ),
                        ),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                        ("review", models.TextField(blank=True, max_length=10000)),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "acted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "authorization",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="emergency",
                                to="approvals.authorization",
                            ),
                        ),
                        (
                            "reviewed_by",
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
                        "db_table": "approvals_emergency",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["ratify_until"],
                                name="emergency_to_ratify",
                            )
                        ],
                        "constraints": [],
                        "verbose_name_plural": "emergencies",
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalAuthorization",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("content_digest", models.CharField(max_length=71)),
                        ("policy_digest", models.CharField(max_length=71)),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("granted_at", models.DateTimeField()),
                        ("valid_until", models.DateTimeField(blank=True, null=True)),
                        ("waiver_ids", models.JSONField(default=list)),
                        ("sign_off_ids", models.JSONField(default=list)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("valid", "Valid"),
                                    ("suspended", "Suspended"),
                                    ("revoked", "Revoked"),
                                    ("ended", "Ended"),
                                ],
                                default="valid",
                                max_length=9,
                            ),
                        ),
                        ("changed_at", models.DateTimeField()),
                        ("why", models.CharField(blank=True, max_length=500)),
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
                            "request",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.promotionrequest",
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
                        "verbose_name": "historical authorization",
                        "verbose_name_plural": "historical authorizations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalComment",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "section",
                            models.CharField(
                                choices=[
                                    ("whole", "The whole request"),
                                    ("changes", "What changes"),
                                    ("checks", "Checks"),
                                    ("gate", "Gate"),
                                    ("sign_offs", "Sign-offs"),
                                    ("purpose", "Purpose"),
                                ],
                                default="whole",
                                max_length=10,
                            ),
                        ),
                        ("text", models.TextField(max_length=10000)),
                        ("written_at", models.DateTimeField()),
                        ("mentioned", models.JSONField(default=list)),
                        ("resolved_at", models.DateTimeField(blank=True, null=True)),
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
                            "answers",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.comment",
                            ),
                        ),
                        (
                            "author",
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
                            "request",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.promotionrequest",
                            ),
                        ),
                        (
                            "resolved_by",
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
                        "verbose_name": "historical comment",
                        "verbose_name_plural": "historical comments",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalDelegation",
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
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField()),
                        ("reason", models.TextField(max_length=2000)),
                        ("made_at", models.DateTimeField()),
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
                            "delegate",
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
                            "delegator",
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
                    ],
                    options={
                        "verbose_name": "historical delegation",
                        "verbose_name_plural": "historical delegations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalDissentAnswer",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField(max_length=10000)),
                        ("at", models.DateTimeField()),
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
                            "author",
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
                            "sign_off",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.signoff",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical dissent answer",
                        "verbose_name_plural": "historical dissent answers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalEmergency",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("acted_at", models.DateTimeField()),
                        ("reason", models.TextField(max_length=10000)),
                        ("ratify_until", models.DateTimeField()),
                        ("roles", models.JSONField(default=list)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Waits for confirmation"),
                                    ("ratified", "Confirmed"),
                                    ("lapsed", "Not confirmed in time"),
                                ],
                                default="open",
                                max_length=8,
                            ),
                        ),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                        ("review", models.TextField(blank=True, max_length=10000)),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
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
                            "acted_by",
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
                            "authorization",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.authorization",
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
                            "reviewed_by",
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
                        "verbose_name": "historical emergency",
                        "verbose_name_plural": "historical emergencies",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalLegalHold",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.TextField(max_length=10000)),
                        ("placed_at", models.DateTimeField()),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        ("why_lifted", models.TextField(blank=True, max_length=10000)),
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
                            "lifted_by",
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
                        (
                            "placed_by",
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
                        "verbose_name": "historical legal hold",
                        "verbose_name_plural": "historical legal holds",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRatification",
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
                        ("meaning", models.CharField(max_length=20)),
                        ("signer_name", models.CharField(max_length=150)),
                        ("statement", models.TextField()),
                        ("statement_digest", models.CharField(max_length=71)),
                        ("nonce", models.CharField(db_index=True, max_length=64)),
                        ("method", models.CharField(max_length=20)),
                        ("signed_at", models.DateTimeField()),
                        ("reason", models.TextField(max_length=10000)),
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
                            "emergency",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.emergency",
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
                    ],
                    options={
                        "verbose_name": "historical ratification",
                        "verbose_name_plural": "historical ratifications",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRetention",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("years", models.PositiveSmallIntegerField()),
                        ("basis", models.TextField(max_length=2000)),
                        ("set_at", models.DateTimeField()),
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
                            "set_by",
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
                        "verbose_name": "historical retention",
                        "verbose_name_plural": "historical retentions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRetirement",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("decommissioned_at", models.DateTimeField()),
                        ("retain_until", models.DateTimeField()),
                        ("disposal_asked_at", models.DateTimeField(blank=True, null=True)),
                        ("disposal_reason", models.TextField(blank=True, max_length=10000)),
                        ("disposed_at", models.DateTimeField(blank=True, null=True)),
                        ("disposed_files", models.PositiveIntegerField(default=0)),
                        ("disposed_bytes", models.PositiveBigIntegerField(default=0)),
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
                            "disposal_asked_by",
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
                            "disposed_by",
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
                    ],
                    options={
                        "verbose_name": "historical retirement",
                        "verbose_name_plural": "historical retirements",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalSignOffCondition",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField(max_length=2000)),
                        ("due", models.DateField()),
                        ("met_at", models.DateTimeField(blank=True, null=True)),
                        ("missed_at", models.DateTimeField(blank=True, null=True)),
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
                            "evidence",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="validation.evidenceitem",
                            ),
                        ),
                        (
                            "met_by",
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
                            "sign_off",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.signoff",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical sign off condition",
                        "verbose_name_plural": "historical sign off conditions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="LegalHold",
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
                        ("reason", models.TextField(max_length=10000)),
                        ("placed_at", models.DateTimeField()),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        ("why_lifted", models.TextField(blank=True, max_length=10000)),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                blank=True,
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
                                related_name="legal_holds",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "placed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_legal_hold",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("lifted_at", None)),
                                fields=["model"],
                                name="legal_hold_in_force",
                            )
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyVersion",
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
                        ("policy_id", models.CharField(max_length=64)),
                        ("number", models.CharField(max_length=20)),
                        ("title", models.CharField(max_length=200)),
                        ("text", models.TextField()),
                        ("digest", models.CharField(max_length=71)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("proposed", "Waits for signatures"),
                                    ("published", "In force"),
                                    ("replaced", "Replaced"),
                                    ("dropped", "Dropped"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("drafted_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        ("proposed_at", models.DateTimeField(blank=True, null=True)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        ("replaced_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="policy_versions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "based_on",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="approvals.policyversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_policy_version",
                        "indexes": [
                            models.Index(fields=["published_at"], name="policy_by_publication")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state__in", ["proposed", "published", "replaced"])
                                ),
                                fields=("policy_id", "number"),
                                name="policy_number_is_used_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "published")),
                                fields=("state",),
                                name="one_policy_in_force",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "proposed")),
                                fields=("state",),
                                name="one_policy_proposed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["draft", "proposed", "published", "replaced", "dropped"],
                                    )
                                ),
                                name="policy_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("state__in", ["published", "replaced"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ["published", "replaced"]), _negated=True
                                        ),
                                        ("published_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="policy_published_when_in_force",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DryRun",
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
                        ("digest", models.CharField(max_length=71)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Queued"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Could not be carried out"),
                                ],
                                default="queued",
                                max_length=8,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("beat_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("report", models.JSONField(default=dict)),
                        ("error", models.CharField(blank=True, max_length=300)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dry_runs",
                                to="approvals.policyversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_dry_run",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPolicySignOff",
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
                        ("meaning", models.CharField(max_length=20)),
                        ("signer_name", models.CharField(max_length=150)),
                        ("statement", models.TextField()),
                        ("statement_digest", models.CharField(max_length=71)),
                        ("nonce", models.CharField(db_index=True, max_length=64)),
                        ("method", models.CharField(max_length=20)),
                        ("signed_at", models.DateTimeField()),
                        ("reason", models.TextField(max_length=10000)),
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
                            "policy",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.policyversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical policy sign off",
                        "verbose_name_plural": "historical policy sign offs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalPolicyVersion",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("policy_id", models.CharField(max_length=64)),
                        ("number", models.CharField(max_length=20)),
                        ("title", models.CharField(max_length=200)),
                        ("text", models.TextField()),
                        ("digest", models.CharField(max_length=71)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("proposed", "Waits for signatures"),
                                    ("published", "In force"),
                                    ("replaced", "Replaced"),
                                    ("dropped", "Dropped"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("drafted_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        ("proposed_at", models.DateTimeField(blank=True, null=True)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        ("replaced_at", models.DateTimeField(blank=True, null=True)),
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
                            "author",
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
                            "based_on",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.policyversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical policy version",
                        "verbose_name_plural": "historical policy versions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PolicySignOff",
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
                        ("meaning", models.CharField(max_length=20)),
                        ("signer_name", models.CharField(max_length=150)),
                        ("statement", models.TextField()),
                        ("statement_digest", models.CharField(max_length=71)),
                        ("nonce", models.CharField(max_length=64, unique=True)),
                        ("method", models.CharField(max_length=20)),
                        ("signed_at", models.DateTimeField()),
                        ("reason", models.TextField(max_length=10000)),
                        (
                            "signer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_offs",
                                to="approvals.policyversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_policy_sign_off",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("policy", "role"), name="policy_signed_once_in_a_role"
                            ),
                            models.UniqueConstraint(
                                fields=("policy", "signer"), name="policy_signed_once_by_one"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Ratification",
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
                        ("meaning", models.CharField(max_length=20)),
                        ("signer_name", models.CharField(max_length=150)),
                        ("statement", models.TextField()),
                        ("statement_digest", models.CharField(max_length=71)),
                        ("nonce", models.CharField(max_length=64, unique=True)),
                        ("method", models.CharField(max_length=20)),
                        ("signed_at", models.DateTimeField()),
                        ("reason", models.TextField(max_length=10000)),
                        (
                            "emergency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ratifications",
                                to="approvals.emergency",
                            ),
                        ),
                        (
                            "signer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_ratification",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("emergency", "role"), name="ratified_once_in_a_role"
                            ),
                            models.UniqueConstraint(
                                fields=("emergency", "signer"), name="ratified_once_by_one"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Retention",
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
                        ("name", models.CharField(max_length=120)),
                        ("years", models.PositiveSmallIntegerField()),
                        ("basis", models.TextField(max_length=2000)),
                        ("set_at", models.DateTimeField()),
                        (
                            "model",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="retention",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "set_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_retention",
                        "indexes": [],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("years__lte", 100)),
                                name="retention_within_a_century",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Retirement",
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
                        ("decommissioned_at", models.DateTimeField()),
                        ("retain_until", models.DateTimeField()),
                        ("disposal_asked_at", models.DateTimeField(blank=True, null=True)),
                        ("disposal_reason", models.TextField(blank=True, max_length=10000)),
                        ("disposed_at", models.DateTimeField(blank=True, null=True)),
                        ("disposed_files", models.PositiveIntegerField(default=0)),
                        ("disposed_bytes", models.PositiveBigIntegerField(default=0)),
                        (
                            "disposal_asked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "disposed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="retirement",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_retirement",
                        "indexes": [],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("disposed_at", None),
                                    models.Q(
                                        ("disposal_asked_by__isnull", False),
                                        ("disposed_by__isnull", False),
                                        models.Q(
                                            ("disposed_by", models.F("disposal_asked_by")),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="disposal_takes_two_people",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignOffCondition",
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
                        ("text", models.TextField(max_length=2000)),
                        ("due", models.DateField()),
                        ("met_at", models.DateTimeField(blank=True, null=True)),
                        ("missed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "evidence",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="validation.evidenceitem",
                            ),
                        ),
                        (
                            "met_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                            "sign_off",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conditions",
                                to="approvals.signoff",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_sign_off_condition",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("met_at", None), ("missed_at", None)),
                                fields=["due"],
                                name="condition_still_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("met_at", None), ("missed_at", None), _connector="OR"
                                ),
                                name="condition_met_or_missed",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Waiver",
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
                        ("condition", models.CharField(max_length=64)),
                        ("reason", models.TextField(max_length=10000)),
                        ("compensating_controls", models.TextField(max_length=10000)),
                        ("use_limits", models.TextField(max_length=10000)),
                        ("residual_risk", models.TextField(max_length=10000)),
                        ("ends_on", models.DateField()),
                        ("obligations", models.JSONField(default=list)),
                        ("asked_at", models.DateTimeField()),
                        ("policy_digest", models.CharField(max_length=71)),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("roles", models.JSONField(default=list)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("asked", "Waits for signatures"),
                                    ("granted", "Granted"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                    ("revoked", "Revoked"),
                                    ("ended", "Ended"),
                                ],
                                default="asked",
                                max_length=9,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("why", models.TextField(blank=True, max_length=10000)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "renews",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="renewed_by",
                                to="approvals.waiver",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="waivers",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_waiver",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "granted")),
                                fields=["ends_on"],
                                name="waiver_runs_out",
                            ),
                            models.Index(
                                fields=["version", "condition"], name="waiver_of_condition"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "asked")),
                                fields=("version", "condition"),
                                name="one_waiver_asked_for",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "asked",
                                            "granted",
                                            "declined",
                                            "withdrawn",
                                            "revoked",
                                            "ended",
                                        ],
                                    )
                                ),
                                name="waiver_state_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalWaiver",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("condition", models.CharField(max_length=64)),
                        ("reason", models.TextField(max_length=10000)),
                        ("compensating_controls", models.TextField(max_length=10000)),
                        ("use_limits", models.TextField(max_length=10000)),
                        ("residual_risk", models.TextField(max_length=10000)),
                        ("ends_on", models.DateField()),
                        ("obligations", models.JSONField(default=list)),
                        ("asked_at", models.DateTimeField()),
                        ("policy_digest", models.CharField(max_length=71)),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("roles", models.JSONField(default=list)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("asked", "Waits for signatures"),
                                    ("granted", "Granted"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                    ("revoked", "Revoked"),
                                    ("ended", "Ended"),
                                ],
                                default="asked",
                                max_length=9,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("why", models.TextField(blank=True, max_length=10000)),
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
                        (
                            "decided_by",
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
                            "renews",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.waiver",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical waiver",
                        "verbose_name_plural": "historical waivers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalWaiverSignOff",
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
                        ("meaning", models.CharField(max_length=20)),
                        ("signer_name", models.CharField(max_length=150)),
                        ("statement", models.TextField()),
                        ("statement_digest", models.CharField(max_length=71)),
                        ("nonce", models.CharField(db_index=True, max_length=64)),
                        ("method", models.CharField(max_length=20)),
                        ("signed_at", models.DateTimeField()),
                        (
                            "decision",
                            models.CharField(
                                choices=[("approve", "Approve"), ("decline", "Decline")],
                                max_length=8,
                            ),
                        ),
                        ("reason", models.TextField(max_length=10000)),
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
                            "waiver",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.waiver",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical waiver sign off",
                        "verbose_name_plural": "historical waiver sign offs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="WaiverSignOff",
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
                        ("meaning", models.CharField(max_length=20)),
                        ("signer_name", models.CharField(max_length=150)),
                        ("statement", models.TextField()),
                        ("statement_digest", models.CharField(max_length=71)),
                        ("nonce", models.CharField(max_length=64, unique=True)),
                        ("method", models.CharField(max_length=20)),
                        ("signed_at", models.DateTimeField()),
                        (
                            "decision",
                            models.CharField(
                                choices=[("approve", "Approve"), ("decline", "Decline")],
                                max_length=8,
                            ),
                        ),
                        ("reason", models.TextField(max_length=10000)),
                        (
                            "signer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "waiver",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_offs",
                                to="approvals.waiver",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_waiver_sign_off",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("waiver", "role"), name="waiver_signed_once_in_a_role"
                            ),
                            models.UniqueConstraint(
                                fields=("waiver", "signer"), name="waiver_signed_once_by_one"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRuleBreach",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("rule", models.CharField(max_length=64)),
                        ("title", models.CharField(max_length=2000)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("open_finding", "To look into"),
                                    ("escalate", "Escalated"),
                                    ("suspend_authorization", "Suspends the authorization"),
                                ],
                                max_length=21,
                            ),
                        ),
                        ("severity", models.CharField(max_length=20)),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("policy_digest", models.CharField(max_length=71)),
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
                        "verbose_name": "historical rule breach",
                        "verbose_name_plural": "historical rule breaches",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RuleBreach",
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
                        ("rule", models.CharField(max_length=64)),
                        ("title", models.CharField(max_length=2000)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("open_finding", "To look into"),
                                    ("escalate", "Escalated"),
                                    ("suspend_authorization", "Suspends the authorization"),
                                ],
                                max_length=21,
                            ),
                        ),
                        ("severity", models.CharField(max_length=20)),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("policy_digest", models.CharField(max_length=71)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rule_breaches",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_rule_breach",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("until", None)),
                                fields=("version", "rule"),
                                name="one_breach_of_a_rule",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until", None),
                                    ("until__gte", models.F("since")),
                                    _connector="OR",
                                ),
                                name="rule_breach_ends_later",
                            ),
                        ],
                        "indexes": [],
                        "verbose_name_plural": "rule breaches",
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalWaiverObligation",
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
                            "obligation",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.obligation",
                            ),
                        ),
                        (
                            "waiver",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.waiver",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical waiver obligation",
                        "verbose_name_plural": "historical waiver obligations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="WaiverObligation",
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
                            "obligation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="risk.obligation",
                            ),
                        ),
                        (
                            "waiver",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="covers",
                                to="approvals.waiver",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_waiver_obligation",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("waiver", "obligation"),
                                name="waiver_covers_obligation_once",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="EvidencePack",
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
                                    ("model", "Model"),
                                    ("version", "Version"),
                                    ("promotion", "Promotion"),
                                    ("many", "Several"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("title", models.CharField(max_length=400)),
                        ("model_ids", models.JSONField(default=list)),
                        ("version_ids", models.JSONField(default=list)),
                        ("request_ids", models.JSONField(default=list)),
                        ("purpose", models.TextField(max_length=10000)),
                        ("ordered_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waits for a worker"),
                                    ("making", "Being made"),
                                    ("ready", "Ready"),
                                    ("failed", "Could not be made"),
                                ],
                                default="waiting",
                                max_length=8,
                            ),
                        ),
                        ("as_of", models.DateTimeField(blank=True, null=True)),
                        ("contents", models.CharField(blank=True, max_length=71)),
                        ("digest", models.CharField(blank=True, max_length=71)),
                        ("size", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("log_size", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("failure", models.CharField(blank=True, max_length=300)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("cleared_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "ordered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence_packs",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_evidence_pack",
                        "indexes": [
                            models.Index(
                                fields=["ordered_by", "state"], name="pack_waiting_of_person"
                            ),
                            models.Index(
                                condition=models.Q(("cleared_at", None), ("state", "ready")),
                                fields=["expires_at"],
                                name="pack_runs_out",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["model", "version", "promotion", "many"]),
                                    ("state__in", ["waiting", "ready", "failed"]),
                                ),
                                name="pack_kind_and_state_are_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "ready"), _negated=True),
                                    models.Q(
                                        ("as_of__isnull", False),
                                        ("expires_at__isnull", False),
                                        ("size__isnull", False),
                                        models.Q(("digest", ""), _negated=True),
                                        models.Q(("contents", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="pack_ready_with_a_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "failed"),
                                        models.Q(("failure", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "failed"), _negated=True),
                                        ("failure", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="pack_failed_for_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PackWork",
                    fields=[
                        (
                            "pack",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="work",
                                serialize=False,
                                to="approvals.evidencepack",
                            ),
                        ),
                        ("beat_at", models.DateTimeField(null=True)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("total", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "db_table": "approvals_evidence_pack_work",
                        "indexes": [],
                        "constraints": [],
                        "verbose_name": "work on a pack",
                        "verbose_name_plural": "work on packs",
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalEvidencePack",
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
                                    ("model", "Model"),
                                    ("version", "Version"),
                                    ("promotion", "Promotion"),
                                    ("many", "Several"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("title", models.CharField(max_length=400)),
                        ("model_ids", models.JSONField(default=list)),
                        ("version_ids", models.JSONField(default=list)),
                        ("request_ids", models.JSONField(default=list)),
                        ("purpose", models.TextField(max_length=10000)),
                        ("ordered_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waits for a worker"),
                                    ("making", "Being made"),
                                    ("ready", "Ready"),
                                    ("failed", "Could not be made"),
                                ],
                                default="waiting",
                                max_length=8,
                            ),
                        ),
                        ("as_of", models.DateTimeField(blank=True, null=True)),
                        ("contents", models.CharField(blank=True, max_length=71)),
                        ("digest", models.CharField(blank=True, max_length=71)),
                        ("size", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("log_size", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("failure", models.CharField(blank=True, max_length=300)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("cleared_at", models.DateTimeField(blank=True, null=True)),
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
                            "ordered_by",
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
                        "verbose_name": "historical evidence pack",
                        "verbose_name_plural": "historical evidence packs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PackOf",
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
                                related_name="evidence_packs",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "pack",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="of_models",
                                to="approvals.evidencepack",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "approvals_evidence_pack_of",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("pack", "model"), name="pack_names_a_model_once"
                            )
                        ],
                        "verbose_name": "model of a pack",
                        "verbose_name_plural": "models of packs",
                    },
                ),
                migrations.CreateModel(
                    name="PackFile",
                    fields=[
                        (
                            "pack",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="file",
                                serialize=False,
                                to="approvals.evidencepack",
                            ),
                        ),
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
                        "db_table": "approvals_evidence_pack_file",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
            ],
        ),
    ]
