from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0006_evidence_packs"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="emergency",
            options={"verbose_name_plural": "emergencies"},
        ),
        migrations.AlterModelOptions(
            name="historicalemergency",
            options={
                "get_latest_by": ("history_date", "history_id"),
                "ordering": ("-history_date", "-history_id"),
                "verbose_name": "historical emergency",
                "verbose_name_plural": "historical emergencies",
            },
        ),
        migrations.AlterModelOptions(
            name="historicalrulebreach",
            options={
                "get_latest_by": ("history_date", "history_id"),
                "ordering": ("-history_date", "-history_id"),
                "verbose_name": "historical rule breach",
                "verbose_name_plural": "historical rule breaches",
            },
        ),
        migrations.AlterModelOptions(
            name="packof",
            options={"verbose_name": "model of a pack", "verbose_name_plural": "models of packs"},
        ),
        migrations.AlterModelOptions(
            name="packwork",
            options={"verbose_name": "work on a pack", "verbose_name_plural": "work on packs"},
        ),
        migrations.AlterModelOptions(
            name="rulebreach",
            options={"verbose_name_plural": "rule breaches"},
        ),
    ]
