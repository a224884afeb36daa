import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("catalog", "0010_evidence_permissions"),
        ("validation", "0006_documents"),
    ]

    operations = [
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
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="MonitoringSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
            },
        ),
        migrations.CreateModel(
            name="MonitoringPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                    models.CharField(choices=[("amber", "Amber"), ("red", "Red")], max_length=5),
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
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
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
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Breach",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "band",
                    models.CharField(choices=[("amber", "Amber"), ("red", "Red")], max_length=5),
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
            },
        ),
        migrations.AddConstraint(
            model_name="monitoringseries",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("version", None)),
                fields=("model", "environment", "metric"),
                name="series_once_a_model",
            ),
        ),
        migrations.AddConstraint(
            model_name="monitoringseries",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("version__isnull", False)),
                fields=("version", "environment", "metric"),
                name="series_once_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="monitoringseries",
            constraint=models.CheckConstraint(
                condition=models.Q(("direction__in", ["higher", "lower", "within"])),
                name="series_direction_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="monitoringseries",
            constraint=models.CheckConstraint(
                condition=models.Q(("interval_days__gte", 1)), name="series_expects_points"
            ),
        ),
        migrations.AddConstraint(
            model_name="monitoringpoint",
            constraint=models.UniqueConstraint(
                fields=("series", "measured_at"), name="point_once_a_moment"
            ),
        ),
        migrations.AddIndex(
            model_name="breach",
            index=models.Index(fields=["series", "-started_at"], name="breach_newest_first"),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("series",),
                name="one_breach_goes_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(("band__in", ["amber", "red"])), name="breach_band"
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledged_at", None), ("acknowledged_by", None)),
                    models.Q(
                        ("acknowledged_at__isnull", False), ("acknowledged_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="breach_acknowledged_by_somebody",
            ),
        ),
    ]
