"""Signatures of documents keep the name and meaning they are printed with (21 CFR 11.50).

Those given so far get the name their signer had when they signed, as the history of people tells
it. The only meaning there was is the default.
"""

from django.db import migrations, models


def print_names(apps, schema_editor):
    for name in ("DocumentSignature", "HistoricalDocumentSignature"):
        rows = apps.get_model("validation", name).objects
        for signed in rows.filter(signer_name="").iterator():
            name_then = _name_of(apps, signed.signer_id, signed.signed_at)
            rows.filter(pk=signed.pk).update(signer_name=name_then)


def _name_of(apps, person_id, moment):
    states = apps.get_model("accounts", "HistoricalUser").objects.filter(id=person_id)
    then = states.filter(history_date__lte=moment).order_by("-history_date", "-history_id").first()
    person = then or apps.get_model("accounts", "User").objects.get(pk=person_id)
    return person.display_name or person.username


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_second_factors"),
        ("validation", "0007_monitoring"),
    ]

    operations = [
        *(
            migrations.AddField(
                name,
                "meaning",
                models.CharField(
                    choices=[("approval", "Approval")], default="approval", max_length=20
                ),
            )
            for name in ("documentsignature", "historicaldocumentsignature")
        ),
        *(
            migrations.AddField(
                name,
                "signer_name",
                models.CharField(max_length=150, default=""),
                preserve_default=False,
            )
            for name in ("documentsignature", "historicaldocumentsignature")
        ),
        migrations.RunPython(print_names, migrations.RunPython.noop),
    ]
