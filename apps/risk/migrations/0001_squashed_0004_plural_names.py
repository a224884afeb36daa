import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("risk", "0001_initial"),
        ("risk", "0002_accepted_risk_signed"),
        ("risk", "0003_portfolio_indexes"),
        ("risk", "0004_plural_names"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0004_single_sign_on"),
        ("audit", "0004_redaction"),
        ("catalog", "0016_exam_rooms"),
        ("validation", "0008_signature_names"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="Campaign",
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
                        ("tiers", models.JSONField(default=list)),
                        ("due", models.DateField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("preparing", "Owners are being asked"),
                                    ("running", "Under way"),
                                    ("ended", "Ended"),
                                ],
                                default="preparing",
                                max_length=9,
                            ),
                        ),
                        ("begun_at", models.DateTimeField()),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("why_ended", models.TextField(blank=True, max_length=10000)),
                        (
                            "begun_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "ended_by",
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
                        "db_table": "risk_campaign",
                        "indexes": [],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at", None),
                                        ("ended_by", None),
                                        ("state__in", ["preparing", "running"]),
                                    ),
                                    models.Q(("ended_at__isnull", False), ("state", "ended")),
                                    _connector="OR",
                                ),
                                name="campaign_ended_at_a_moment",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CampaignWork",
                    fields=[
                        (
                            "campaign",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="work",
                                serialize=False,
                                to="risk.campaign",
                            ),
                        ),
                        ("reached", models.BigIntegerField(default=0)),
                        ("seen", models.PositiveIntegerField(default=0)),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("beat_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "risk_campaign_work",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="CampaignSnapshot",
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
                            "moment",
                            models.CharField(
                                choices=[("before", "Before"), ("after", "After")], max_length=6
                            ),
                        ),
                        ("rows", models.JSONField()),
                        ("digest", models.CharField(max_length=71)),
                        ("taken_at", models.DateTimeField()),
                        (
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="snapshots",
                                to="risk.campaign",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_campaign_snapshot",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("campaign", "moment"), name="campaign_snapshot_taken_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCampaign",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("tiers", models.JSONField(default=list)),
                        ("due", models.DateField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("preparing", "Owners are being asked"),
                                    ("running", "Under way"),
                                    ("ended", "Ended"),
                                ],
                                default="preparing",
                                max_length=9,
                            ),
                        ),
                        ("begun_at", models.DateTimeField()),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("why_ended", models.TextField(blank=True, max_length=10000)),
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
                            "begun_by",
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
                            "ended_by",
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
                    ],
                    options={
                        "verbose_name": "historical campaign",
                        "verbose_name_plural": "historical campaigns",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalCampaignSnapshot",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "moment",
                            models.CharField(
                                choices=[("before", "Before"), ("after", "After")], max_length=6
                            ),
                        ),
                        ("rows", models.JSONField()),
                        ("digest", models.CharField(max_length=71)),
                        ("taken_at", models.DateTimeField()),
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
                            "campaign",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.campaign",
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
                        "verbose_name": "historical campaign snapshot",
                        "verbose_name_plural": "historical campaign snapshots",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalIncident",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("description", models.TextField(max_length=10000)),
                        ("harm", models.TextField(max_length=10000)),
                        (
                            "severity",
                            models.CharField(
                                choices=[("serious", "Serious"), ("other", "Other")], max_length=7
                            ),
                        ),
                        ("traits", models.JSONField(blank=True, default=list)),
                        ("happened_at", models.DateTimeField(blank=True, null=True)),
                        ("discovered_at", models.DateTimeField()),
                        ("classified_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("contained", "Contained"),
                                    ("closed", "Closed"),
                                ],
                                default="open",
                                max_length=9,
                            ),
                        ),
                        ("reported_at", models.DateTimeField()),
                        ("containment", models.TextField(blank=True, max_length=10000)),
                        ("contained_at", models.DateTimeField(blank=True, null=True)),
                        ("why_closed", models.TextField(blank=True, max_length=10000)),
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
                            "contained_by",
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
                            "reported_by",
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
                        "verbose_name": "historical incident",
                        "verbose_name_plural": "historical incidents",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalOwnerAttestation",
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
                        ("snapshot", models.JSONField()),
                        ("snapshot_digest", models.CharField(max_length=71)),
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
                        "verbose_name": "historical owner attestation",
                        "verbose_name_plural": "historical owner attestations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalReview",
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
                                    ("periodic", "Periodic review"),
                                    ("revalidation", "Revalidation"),
                                    ("retiering", "Re-tiering"),
                                    ("event", "Review after an event"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("why", models.TextField(blank=True, max_length=10000)),
                        ("due", models.DateField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("done", "Done"),
                                    ("dropped", "Dropped"),
                                ],
                                default="planned",
                                max_length=7,
                            ),
                        ),
                        ("planned_at", models.DateTimeField(blank=True, null=True)),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "conclusion",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("continue", "Go on as it is"),
                                    ("continue_with_findings", "Go on, with findings to settle"),
                                    ("restrict", "Restrict its use"),
                                    ("withdraw", "Withdraw it"),
                                ],
                                max_length=22,
                            ),
                        ),
                        ("notes", models.TextField(blank=True, max_length=10000)),
                        ("finding_ids", models.JSONField(blank=True, default=list)),
                        ("why_dropped", models.TextField(blank=True, max_length=10000)),
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
                            "done_by",
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
                            "planned_by",
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
                        "verbose_name": "historical review",
                        "verbose_name_plural": "historical reviews",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Incident",
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
                        ("description", models.TextField(max_length=10000)),
                        ("harm", models.TextField(max_length=10000)),
                        (
                            "severity",
                            models.CharField(
                                choices=[("serious", "Serious"), ("other", "Other")], max_length=7
                            ),
                        ),
                        ("traits", models.JSONField(blank=True, default=list)),
                        ("happened_at", models.DateTimeField(blank=True, null=True)),
                        ("discovered_at", models.DateTimeField()),
                        ("classified_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("contained", "Contained"),
                                    ("closed", "Closed"),
                                ],
                                default="open",
                                max_length=9,
                            ),
                        ),
                        ("reported_at", models.DateTimeField()),
                        ("containment", models.TextField(blank=True, max_length=10000)),
                        ("contained_at", models.DateTimeField(blank=True, null=True)),
                        ("why_closed", models.TextField(blank=True, max_length=10000)),
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
                            "contained_by",
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
                                related_name="incidents",
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
                            "reported_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="incidents",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_incident",
                        "indexes": [
                            models.Index(fields=["model", "state"], name="incident_of_model")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["open", "contained", "closed"])),
                                name="incident_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("severity__in", ["serious", "other"])),
                                name="incident_severity_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("contained_at", None),
                                        ("contained_by", None),
                                        ("state", "open"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("contained_at__isnull", False),
                                        ("contained_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="incident_contained_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("closed_by__isnull", False),
                                        ("state", "closed"),
                                        models.Q(
                                            ("closed_by", models.F("reported_by")), _negated=True
                                        ),
                                        models.Q(
                                            ("closed_by", models.F("contained_by")), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(("state", "closed"), _negated=True),
                                        ("closed_at", None),
                                        ("closed_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="incident_closed_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("happened_at", None),
                                    ("happened_at__lte", models.F("discovered_at")),
                                    _connector="OR",
                                ),
                                name="incident_happened_before_it_was_discovered",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Finding",
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
                                    ("issue", "Issue"),
                                    ("limitation", "Limitation"),
                                    ("exception", "Exception"),
                                ],
                                default="issue",
                                max_length=10,
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                choices=[
                                    ("critical", "Critical"),
                                    ("high", "High"),
                                    ("medium", "Medium"),
                                    ("low", "Low"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("person", "Raised by a person"),
                                    ("check", "A check failed"),
                                    ("breach", "Monitoring breached a band"),
                                    ("rule", "A rule of the policy does not hold"),
                                    ("waiver_expired", "A waiver that was relied on ended"),
                                    ("condition", "A condition of a sign-off was not met"),
                                    ("emergency", "An emergency was not confirmed"),
                                    ("review", "A review"),
                                    ("drift", "What runs differs from what was approved"),
                                    ("incident", "An incident"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("cause", models.CharField(blank=True, max_length=200)),
                        ("title", models.CharField(max_length=300)),
                        ("description", models.TextField(max_length=10000)),
                        ("due", models.DateField()),
                        ("plan", models.TextField(blank=True, max_length=10000)),
                        ("remedy", models.TextField(blank=True, max_length=10000)),
                        ("remedied_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("planned", "Planned"),
                                    ("ready_to_close", "Ready to close"),
                                    ("accepted", "Risk accepted"),
                                    ("closed", "Closed"),
                                ],
                                default="open",
                                max_length=14,
                            ),
                        ),
                        ("raised_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("why_closed", models.TextField(blank=True, max_length=10000)),
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
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="findings",
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
                            "raised_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "remedied_by",
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
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="findings",
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="findings",
                                to="risk.incident",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_finding",
                        "indexes": [
                            models.Index(fields=["model", "state"], name="finding_of_model"),
                            models.Index(
                                condition=models.Q(("cause", ""), _negated=True),
                                fields=["cause"],
                                name="finding_of_cause",
                            ),
                            models.Index(fields=["owner", "state"], name="finding_of_owner"),
                            models.Index(
                                condition=models.Q(("state", "closed"), _negated=True),
                                fields=["due"],
                                name="finding_due",
                            ),
                            models.Index(
                                fields=["state", "due", "model"], name="finding_due_by_state"
                            ),
                            models.Index(
                                fields=["state", "severity", "raised_at", "due", "model"],
                                name="finding_ages",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["open", "planned", "ready_to_close", "accepted"],
                                    ),
                                    models.Q(("cause", ""), _negated=True),
                                ),
                                fields=("model", "cause"),
                                name="one_standing_finding_of_a_cause",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["open", "planned", "ready_to_close", "accepted", "closed"],
                                    )
                                ),
                                name="finding_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("severity__in", ["critical", "high", "medium", "low"])
                                ),
                                name="finding_severity_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("remedied_at", None), ("remedied_by", None)),
                                    models.Q(
                                        ("remedied_at__isnull", False),
                                        ("remedied_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="finding_remedied_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("closed_by__isnull", False),
                                        ("remedied_by__isnull", False),
                                        ("state", "closed"),
                                        models.Q(("closed_by", models.F("owner")), _negated=True),
                                        models.Q(
                                            ("closed_by", models.F("remedied_by")), _negated=True
                                        ),
                                        models.Q(("why_closed", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "closed"), _negated=True),
                                        ("closed_at", None),
                                        ("closed_by", None),
                                        ("why_closed", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="finding_closed_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FindingEvidence",
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
                        ("attached_at", models.DateTimeField()),
                        (
                            "attached_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "finding",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attached",
                                to="risk.finding",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="validation.evidenceitem",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_finding_evidence",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("finding", "item"),
                                name="evidence_attached_once_to_a_finding",
                            )
                        ],
                        "verbose_name_plural": "evidence of findings",
                    },
                ),
                migrations.CreateModel(
                    name="FindingExtension",
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
                        ("was_due", models.DateField()),
                        ("due", models.DateField()),
                        ("reason", models.TextField(max_length=10000)),
                        ("granted_at", models.DateTimeField()),
                        (
                            "finding",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="extensions",
                                to="risk.finding",
                            ),
                        ),
                        (
                            "granted_by",
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
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_finding_extension",
                        "indexes": [],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("due__gt", models.F("was_due"))),
                                name="finding_extended_to_later",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("granted_by", models.F("owner")), _negated=True
                                ),
                                name="finding_extended_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalFindingEvidence",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("attached_at", models.DateTimeField()),
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
                            "finding",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.finding",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="validation.evidenceitem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical finding evidence",
                        "verbose_name_plural": "historical evidence of findings",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalFindingExtension",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("was_due", models.DateField()),
                        ("due", models.DateField()),
                        ("reason", models.TextField(max_length=10000)),
                        ("granted_at", models.DateTimeField()),
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
                            "finding",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.finding",
                            ),
                        ),
                        (
                            "granted_by",
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
                    ],
                    options={
                        "verbose_name": "historical finding extension",
                        "verbose_name_plural": "historical finding extensions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRiskAcceptance",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.TextField(max_length=10000)),
                        ("ends_on", models.DateField()),
                        ("accepted_at", models.DateTimeField()),
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
                            "accepted_by",
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
                            "finding",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.finding",
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
                        "verbose_name": "historical risk acceptance",
                        "verbose_name_plural": "historical risk acceptances",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalReportDuty",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("clock", models.CharField(max_length=60)),
                        ("name", models.CharField(max_length=200)),
                        ("authority", models.CharField(max_length=300)),
                        ("cites", models.JSONField(default=list)),
                        ("due_at", models.DateTimeField()),
                        ("reported_at", models.DateTimeField(blank=True, null=True)),
                        ("reference", models.CharField(blank=True, max_length=300)),
                        ("set_aside_at", models.DateTimeField(blank=True, null=True)),
                        ("why_set_aside", models.TextField(blank=True, max_length=10000)),
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
                            "reported_by",
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
                            "set_aside_by",
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
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.incident",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical report duty",
                        "verbose_name_plural": "historical report duties",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalFinding",
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
                                    ("issue", "Issue"),
                                    ("limitation", "Limitation"),
                                    ("exception", "Exception"),
                                ],
                                default="issue",
                                max_length=10,
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                choices=[
                                    ("critical", "Critical"),
                                    ("high", "High"),
                                    ("medium", "Medium"),
                                    ("low", "Low"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("person", "Raised by a person"),
                                    ("check", "A check failed"),
                                    ("breach", "Monitoring breached a band"),
                                    ("rule", "A rule of the policy does not hold"),
                                    ("waiver_expired", "A waiver that was relied on ended"),
                                    ("condition", "A condition of a sign-off was not met"),
                                    ("emergency", "An emergency was not confirmed"),
                                    ("review", "A review"),
                                    ("drift", "What runs differs from what was approved"),
                                    ("incident", "An incident"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("cause", models.CharField(blank=True, max_length=200)),
                        ("title", models.CharField(max_length=300)),
                        ("description", models.TextField(max_length=10000)),
                        ("due", models.DateField()),
                        ("plan", models.TextField(blank=True, max_length=10000)),
                        ("remedy", models.TextField(blank=True, max_length=10000)),
                        ("remedied_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("planned", "Planned"),
                                    ("ready_to_close", "Ready to close"),
                                    ("accepted", "Risk accepted"),
                                    ("closed", "Closed"),
                                ],
                                default="open",
                                max_length=14,
                            ),
                        ),
                        ("raised_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("why_closed", models.TextField(blank=True, max_length=10000)),
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
                            "raised_by",
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
                            "remedied_by",
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
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.incident",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical finding",
                        "verbose_name_plural": "historical findings",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="OwnerAttestation",
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
                        ("snapshot", models.JSONField()),
                        ("snapshot_digest", models.CharField(max_length=71)),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owner_attestations",
                                to="catalog.registeredmodel",
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
                        "db_table": "risk_owner_attestation",
                        "indexes": [
                            models.Index(
                                fields=["model", "-signed_at"], name="attestation_newest_of_model"
                            )
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCampaignEntry",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("tier", models.PositiveSmallIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Asked"),
                                    ("escalated", "Escalated"),
                                    ("attested", "Attested"),
                                    ("corrected", "Something is wrong"),
                                ],
                                default="open",
                                max_length=9,
                            ),
                        ),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("escalated_at", models.DateTimeField(blank=True, null=True)),
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
                            "campaign",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.campaign",
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
                            "finding",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.finding",
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
                            "attestation",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.ownerattestation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical campaign entry",
                        "verbose_name_plural": "historical campaign entries",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="CampaignEntry",
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
                        ("tier", models.PositiveSmallIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Asked"),
                                    ("escalated", "Escalated"),
                                    ("attested", "Attested"),
                                    ("corrected", "Something is wrong"),
                                ],
                                default="open",
                                max_length=9,
                            ),
                        ),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("escalated_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="risk.campaign",
                            ),
                        ),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="campaign_entries",
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
                            "finding",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="risk.finding",
                            ),
                        ),
                        (
                            "attestation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="risk.ownerattestation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "campaign entries",
                        "db_table": "risk_campaign_entry",
                        "indexes": [
                            models.Index(
                                fields=["campaign", "state"], name="campaign_entry_by_state"
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["open", "escalated"])),
                                fields=["model"],
                                name="campaign_entry_waiting",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("campaign", "model"), name="model_once_in_a_campaign"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answered_at", None),
                                        ("escalated_at", None),
                                        ("state", "open"),
                                    ),
                                    models.Q(
                                        ("answered_at", None),
                                        ("escalated_at__isnull", False),
                                        ("state", "escalated"),
                                    ),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("attestation__isnull", False),
                                        ("state", "attested"),
                                    ),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("finding__isnull", False),
                                        ("state", "corrected"),
                                    ),
                                    _connector="OR",
                                ),
                                name="campaign_entry_answered_by_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuestionnaireVersion",
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
                        ("questionnaire_id", models.CharField(max_length=64)),
                        ("number", models.CharField(max_length=20)),
                        ("title", models.CharField(max_length=200)),
                        ("subject", models.CharField(max_length=10)),
                        ("text", models.TextField()),
                        ("digest", models.CharField(max_length=71)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("proposed", "Waits for signatures"),
                                    ("published", "In use"),
                                    ("replaced", "Replaced"),
                                    ("retired", "Retired"),
                                    ("dropped", "Dropped"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("is_shipped", models.BooleanField(default=False)),
                        ("drafted_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        ("proposed_at", models.DateTimeField(blank=True, null=True)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        ("replaced_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "author",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="questionnaire_versions",
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
                                to="risk.questionnaireversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_questionnaire_version",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state__in", ["proposed", "published", "replaced", "retired"])
                                ),
                                fields=("questionnaire_id", "number"),
                                name="questionnaire_number_is_used_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "published")),
                                fields=("questionnaire_id",),
                                name="one_version_of_a_questionnaire_in_use",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "proposed")),
                                fields=("questionnaire_id",),
                                name="one_version_of_a_questionnaire_proposed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "draft",
                                            "proposed",
                                            "published",
                                            "replaced",
                                            "retired",
                                            "dropped",
                                        ],
                                    )
                                ),
                                name="questionnaire_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("state__in", ["published", "replaced", "retired"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ["published", "replaced", "retired"]),
                                            _negated=True,
                                        ),
                                        ("published_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="questionnaire_published_when_in_use",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("author", None), ("is_shipped", True)),
                                    models.Q(("author__isnull", False), ("is_shipped", False)),
                                    _connector="OR",
                                ),
                                name="questionnaire_is_shipped_or_somebodys",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Assessment",
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
                        ("kind", models.CharField(max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Waits for review"),
                                    ("approved", "Approved"),
                                    ("superseded", "Superseded"),
                                    ("dropped", "Dropped"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("round", models.PositiveSmallIntegerField(default=0)),
                        ("submitted_at", models.DateTimeField(blank=True, null=True)),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("superseded_at", models.DateTimeField(blank=True, null=True)),
                        ("outcome", models.CharField(blank=True, max_length=64)),
                        ("result", models.JSONField(blank=True, default=dict)),
                        ("valid_until", models.DateField(blank=True, null=True)),
                        ("stale_at", models.DateTimeField(blank=True, null=True)),
                        ("stale_because", models.CharField(blank=True, max_length=300)),
                        (
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments_started",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments_submitted",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "use_case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments",
                                to="catalog.usecase",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments",
                                to="catalog.modelversion",
                            ),
                        ),
                        (
                            "questionnaire",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments",
                                to="risk.questionnaireversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_assessment",
                        "indexes": [
                            models.Index(
                                fields=[
                                    "model",
                                    "state",
                                    "kind",
                                    "version",
                                    "use_case",
                                    "stale_at",
                                    "valid_until",
                                    "approved_at",
                                ],
                                name="assessment_in_force",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["draft", "submitted"])),
                                fields=("model", "kind", "version", "use_case"),
                                name="one_open_assessment_of_a_subject",
                                nulls_distinct=False,
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "approved")),
                                fields=("model", "kind", "version", "use_case"),
                                name="one_approved_assessment_of_a_subject",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("version", None), ("use_case", None), _connector="OR"
                                ),
                                name="assessment_about_one_thing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["draft", "submitted", "approved", "superseded", "dropped"],
                                    )
                                ),
                                name="assessment_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("submitted_at", None), ("submitted_by", None)),
                                    models.Q(
                                        ("submitted_at__isnull", False),
                                        ("submitted_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="assessment_submitted_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("approved_at__isnull", False),
                                        ("state__in", ["approved", "superseded"]),
                                        ("valid_until__isnull", False),
                                        models.Q(("outcome", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("approved_at", None),
                                        ("outcome", ""),
                                        ("state__in", ["draft", "submitted", "dropped"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="assessment_has_an_outcome_once_approved",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("stale_at", None), ("stale_because", "")),
                                    models.Q(
                                        ("stale_at__isnull", False),
                                        models.Q(("stale_because", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="assessment_stale_for_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalAnswer",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=80)),
                        ("value", models.JSONField(null=True)),
                        ("note", models.TextField(blank=True, max_length=5000)),
                        ("is_prefilled", models.BooleanField(default=False)),
                        ("answered_at", models.DateTimeField()),
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
                            "answered_by",
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
                            "assessment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.assessment",
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
                        "verbose_name": "historical answer",
                        "verbose_name_plural": "historical answers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAnswerEvidence",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=80)),
                        ("attached_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
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
                            "assessment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.assessment",
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
                            "item",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="validation.evidenceitem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical answer evidence",
                        "verbose_name_plural": "historical evidence of answers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAssessmentSignOff",
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
                        ("round", models.PositiveSmallIntegerField(default=1)),
                        (
                            "decision",
                            models.CharField(
                                choices=[("approve", "approve"), ("send_back", "send back")],
                                max_length=10,
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
                            "assessment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.assessment",
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
                        "verbose_name": "historical assessment sign off",
                        "verbose_name_plural": "historical assessment sign offs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalObligation",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("questionnaire", models.CharField(max_length=64)),
                        ("key", models.CharField(max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("evidence", "Evidence"),
                                    ("document", "Document"),
                                    ("condition", "Condition"),
                                    ("sign_off", "Sign-off"),
                                    ("restriction", "Restriction"),
                                ],
                                max_length=11,
                            ),
                        ),
                        ("ref", models.CharField(max_length=80)),
                        ("count", models.PositiveSmallIntegerField(default=1)),
                        ("title", models.CharField(max_length=300)),
                        ("detail", models.TextField(blank=True)),
                        ("gates", models.JSONField(default=list)),
                        ("cites", models.JSONField(default=list)),
                        ("applies_from", models.DateField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("met", "Met"),
                                    ("deferred", "Deferred"),
                                    ("lapsed", "No longer asked for"),
                                ],
                                default="open",
                                max_length=8,
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("met_at", models.DateTimeField(blank=True, null=True)),
                        ("met_reason", models.TextField(blank=True, max_length=10000)),
                        ("deferred_until", models.DateField(blank=True, null=True)),
                        ("deferred_reason", models.TextField(blank=True, max_length=10000)),
                        ("lapsed_at", models.DateTimeField(blank=True, null=True)),
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
                            "assessment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.assessment",
                            ),
                        ),
                        (
                            "deferred_by",
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
                        "verbose_name": "historical obligation",
                        "verbose_name_plural": "historical obligations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalTierOverride",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("assessed_tier", models.PositiveSmallIntegerField()),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("reason", models.TextField(max_length=10000)),
                        ("ends_on", models.DateField()),
                        ("roles", models.JSONField(default=list)),
                        ("asked_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("asked", "Waits for signatures"),
                                    ("granted", "In force"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                    ("ended", "Ended"),
                                ],
                                default="asked",
                                max_length=9,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("why", models.TextField(blank=True, max_length=10000)),
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
                            "assessment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.assessment",
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
                        "verbose_name": "historical tier override",
                        "verbose_name_plural": "historical tier overrides",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Obligation",
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
                        ("questionnaire", models.CharField(max_length=64)),
                        ("key", models.CharField(max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("evidence", "Evidence"),
                                    ("document", "Document"),
                                    ("condition", "Condition"),
                                    ("sign_off", "Sign-off"),
                                    ("restriction", "Restriction"),
                                ],
                                max_length=11,
                            ),
                        ),
                        ("ref", models.CharField(max_length=80)),
                        ("count", models.PositiveSmallIntegerField(default=1)),
                        ("title", models.CharField(max_length=300)),
                        ("detail", models.TextField(blank=True)),
                        ("gates", models.JSONField(default=list)),
                        ("cites", models.JSONField(default=list)),
                        ("applies_from", models.DateField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("met", "Met"),
                                    ("deferred", "Deferred"),
                                    ("lapsed", "No longer asked for"),
                                ],
                                default="open",
                                max_length=8,
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("met_at", models.DateTimeField(blank=True, null=True)),
                        ("met_reason", models.TextField(blank=True, max_length=10000)),
                        ("deferred_until", models.DateField(blank=True, null=True)),
                        ("deferred_reason", models.TextField(blank=True, max_length=10000)),
                        ("lapsed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to="risk.assessment",
                            ),
                        ),
                        (
                            "deferred_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "use_case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to="catalog.usecase",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to="catalog.modelversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_obligation",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "lapsed"), _negated=True),
                                fields=("model", "questionnaire", "key", "version", "use_case"),
                                name="obligation_open_once_for_a_subject",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["open", "met", "deferred", "lapsed"])
                                ),
                                name="obligation_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "evidence",
                                            "document",
                                            "condition",
                                            "sign_off",
                                            "restriction",
                                        ],
                                    )
                                ),
                                name="obligation_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "met"), _negated=True),
                                    models.Q(("met_at__isnull", False), ("met_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="obligation_met_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "deferred"), _negated=True),
                                    ("deferred_until__isnull", False),
                                    _connector="OR",
                                ),
                                name="obligation_deferred_until_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuestionnaireSignOff",
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
                            "questionnaire",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_offs",
                                to="risk.questionnaireversion",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_questionnaire_sign_off",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("questionnaire", "role"),
                                name="questionnaire_signed_once_in_a_role",
                            ),
                            models.UniqueConstraint(
                                fields=("questionnaire", "signer"),
                                name="questionnaire_signed_once_by_one",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalQuestionnaireVersion",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("questionnaire_id", models.CharField(max_length=64)),
                        ("number", models.CharField(max_length=20)),
                        ("title", models.CharField(max_length=200)),
                        ("subject", models.CharField(max_length=10)),
                        ("text", models.TextField()),
                        ("digest", models.CharField(max_length=71)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("proposed", "Waits for signatures"),
                                    ("published", "In use"),
                                    ("replaced", "Replaced"),
                                    ("retired", "Retired"),
                                    ("dropped", "Dropped"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("is_shipped", models.BooleanField(default=False)),
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
                                to="risk.questionnaireversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical questionnaire version",
                        "verbose_name_plural": "historical questionnaire versions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalQuestionnaireSignOff",
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
                            "questionnaire",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.questionnaireversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical questionnaire sign off",
                        "verbose_name_plural": "historical questionnaire sign offs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAssessment",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Waits for review"),
                                    ("approved", "Approved"),
                                    ("superseded", "Superseded"),
                                    ("dropped", "Dropped"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("round", models.PositiveSmallIntegerField(default=0)),
                        ("submitted_at", models.DateTimeField(blank=True, null=True)),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("superseded_at", models.DateTimeField(blank=True, null=True)),
                        ("outcome", models.CharField(blank=True, max_length=64)),
                        ("result", models.JSONField(blank=True, default=dict)),
                        ("valid_until", models.DateField(blank=True, null=True)),
                        ("stale_at", models.DateTimeField(blank=True, null=True)),
                        ("stale_because", models.CharField(blank=True, max_length=300)),
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
                            "questionnaire",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.questionnaireversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical assessment",
                        "verbose_name_plural": "historical assessments",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ReportDuty",
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
                        ("clock", models.CharField(max_length=60)),
                        ("name", models.CharField(max_length=200)),
                        ("authority", models.CharField(max_length=300)),
                        ("cites", models.JSONField(default=list)),
                        ("due_at", models.DateTimeField()),
                        ("reported_at", models.DateTimeField(blank=True, null=True)),
                        ("reference", models.CharField(blank=True, max_length=300)),
                        ("set_aside_at", models.DateTimeField(blank=True, null=True)),
                        ("why_set_aside", models.TextField(blank=True, max_length=10000)),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="duties",
                                to="risk.incident",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "set_aside_by",
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
                        "verbose_name_plural": "report duties",
                        "db_table": "risk_report_duty",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("reported_at", None), ("set_aside_at", None)),
                                fields=["due_at"],
                                name="report_outstanding",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("incident", "clock"), name="one_duty_of_a_clock"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reported_at", None), ("reported_by", None)),
                                    models.Q(
                                        ("reported_at__isnull", False),
                                        ("reported_by__isnull", False),
                                        ("set_aside_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_made_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("set_aside_at", None),
                                        ("set_aside_by", None),
                                        ("why_set_aside", ""),
                                    ),
                                    models.Q(
                                        ("set_aside_at__isnull", False),
                                        ("set_aside_by__isnull", False),
                                        models.Q(("why_set_aside", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_set_aside_for_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
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
                                    ("periodic", "Periodic review"),
                                    ("revalidation", "Revalidation"),
                                    ("retiering", "Re-tiering"),
                                    ("event", "Review after an event"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("why", models.TextField(blank=True, max_length=10000)),
                        ("due", models.DateField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("done", "Done"),
                                    ("dropped", "Dropped"),
                                ],
                                default="planned",
                                max_length=7,
                            ),
                        ),
                        ("planned_at", models.DateTimeField(blank=True, null=True)),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "conclusion",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("continue", "Go on as it is"),
                                    ("continue_with_findings", "Go on, with findings to settle"),
                                    ("restrict", "Restrict its use"),
                                    ("withdraw", "Withdraw it"),
                                ],
                                max_length=22,
                            ),
                        ),
                        ("notes", models.TextField(blank=True, max_length=10000)),
                        ("finding_ids", models.JSONField(blank=True, default=list)),
                        ("why_dropped", models.TextField(blank=True, max_length=10000)),
                        (
                            "done_by",
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
                                related_name="reviews",
                                to="catalog.registeredmodel",
                            ),
                        ),
                        (
                            "planned_by",
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
                        "db_table": "risk_review",
                        "indexes": [
                            models.Index(
                                fields=["model", "kind", "-done_at"], name="review_newest_of_a_kind"
                            ),
                            models.Index(
                                condition=models.Q(("state", "planned")),
                                fields=["due"],
                                name="review_due",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "planned")),
                                fields=("model", "kind"),
                                name="one_planned_review_of_a_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["periodic", "revalidation", "retiering", "event"])
                                ),
                                name="review_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["planned", "done", "dropped"])),
                                name="review_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("done_at__isnull", False),
                                        ("done_by__isnull", False),
                                        ("state", "done"),
                                        models.Q(("conclusion", ""), _negated=True),
                                        models.Q(("notes", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "done"), _negated=True),
                                        ("conclusion", ""),
                                        ("done_at", None),
                                        ("done_by", None),
                                        ("notes", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="review_done_with_a_conclusion",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("due", None),
                                        ("planned_at", None),
                                        ("planned_by", None),
                                        ("state", "done"),
                                    ),
                                    models.Q(
                                        ("due__isnull", False),
                                        ("planned_at__isnull", False),
                                        ("planned_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="review_planned_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RiskAcceptance",
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
                        ("ends_on", models.DateField()),
                        ("accepted_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "finding",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acceptances",
                                to="risk.finding",
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
                    ],
                    options={
                        "db_table": "risk_acceptance",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at", None)),
                                fields=["ends_on"],
                                name="acceptance_runs_out",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("finding",),
                                name="one_standing_acceptance_of_a_risk",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted_by", models.F("owner")), _negated=True
                                ),
                                name="risk_accepted_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TierOverride",
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
                        ("assessed_tier", models.PositiveSmallIntegerField()),
                        ("tier", models.PositiveSmallIntegerField()),
                        ("reason", models.TextField(max_length=10000)),
                        ("ends_on", models.DateField()),
                        ("roles", models.JSONField(default=list)),
                        ("asked_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("asked", "Waits for signatures"),
                                    ("granted", "In force"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                    ("ended", "Ended"),
                                ],
                                default="asked",
                                max_length=9,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("why", models.TextField(blank=True, max_length=10000)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tier_overrides",
                                to="risk.assessment",
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
                            "model",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tier_overrides",
                                to="catalog.registeredmodel",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_tier_override",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "granted")),
                                fields=["ends_on"],
                                name="tier_override_runs_out",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["asked", "granted"])),
                                fields=("model",),
                                name="one_tier_override_of_a_model",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["asked", "granted", "declined", "withdrawn", "ended"],
                                    )
                                ),
                                name="tier_override_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("tier__gte", 1),
                                    ("tier__lte", 4),
                                    models.Q(("tier", models.F("assessed_tier")), _negated=True),
                                ),
                                name="tier_override_is_another_tier",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalTierOverrideSignOff",
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
                            "override",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.tieroverride",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical tier override sign off",
                        "verbose_name_plural": "historical tier override sign offs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="TierOverrideSignOff",
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
                            "override",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_offs",
                                to="risk.tieroverride",
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
                        "db_table": "risk_tier_override_sign_off",
                        "indexes": [],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("override", "role"),
                                name="tier_override_signed_once_in_a_role",
                            ),
                            models.UniqueConstraint(
                                fields=("override", "signer"),
                                name="tier_override_signed_once_by_one",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AnswerEvidence",
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
                        ("key", models.CharField(max_length=80)),
                        ("attached_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "attached_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="validation.evidenceitem",
                            ),
                        ),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attached",
                                to="risk.assessment",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_answer_evidence",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at", None)),
                                fields=("assessment", "key", "item"),
                                name="evidence_attached_once_to_an_answer",
                            )
                        ],
                        "indexes": [],
                        "verbose_name_plural": "evidence of answers",
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
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
                        ("key", models.CharField(max_length=80)),
                        ("value", models.JSONField(null=True)),
                        ("note", models.TextField(blank=True, max_length=5000)),
                        ("is_prefilled", models.BooleanField(default=False)),
                        ("answered_at", models.DateTimeField()),
                        (
                            "answered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="risk.assessment",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "risk_answer",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("assessment", "key"), name="question_answered_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="AssessmentSignOff",
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
                        ("round", models.PositiveSmallIntegerField(default=1)),
                        (
                            "decision",
                            models.CharField(
                                choices=[("approve", "approve"), ("send_back", "send back")],
                                max_length=10,
                            ),
                        ),
                        ("reason", models.TextField(max_length=10000)),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_offs",
                                to="risk.assessment",
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
                        "db_table": "risk_assessment_sign_off",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("assessment", "round", "role"),
                                name="assessment_signed_once_in_a_role",
                            ),
                            models.UniqueConstraint(
                                fields=("assessment", "round", "signer"),
                                name="assessment_signed_once_by_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("decision__in", ["approve", "send_back"])),
                                name="assessment_decision_is_known",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRiskAcceptanceSignOff",
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
                            "acceptance",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="risk.riskacceptance",
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
                        "verbose_name": "historical risk acceptance sign off",
                        "verbose_name_plural": "historical risk acceptance sign offs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RiskAcceptanceSignOff",
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
                            "acceptance",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_off",
                                to="risk.riskacceptance",
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
                        "db_table": "risk_acceptance_sign_off",
                        "indexes": [],
                        "constraints": [],
                    },
                ),
            ],
        ),
    ]
