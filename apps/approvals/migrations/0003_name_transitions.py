"""Every request made so far gets the policy's name for its move."""

from django.db import migrations

MOVES = {"staging": "development_to_staging", "production": "staging_to_production"}


def name_transitions(apps, schema_editor):
    for name in ("PromotionRequest", "HistoricalPromotionRequest"):
        rows = apps.get_model("approvals", name).objects
        for target, transition in MOVES.items():
            rows.filter(target=target, transition="").update(transition=transition)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0002_decisions"),
    ]

    operations = [
        migrations.RunPython(name_transitions, migrations.RunPython.noop),
    ]
