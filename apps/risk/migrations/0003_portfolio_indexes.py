from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0002_accepted_risk_signed"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
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
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["state", "due", "model"], name="finding_due_by_state"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["state", "severity", "raised_at", "due", "model"], name="finding_ages"
            ),
        ),
    ]
