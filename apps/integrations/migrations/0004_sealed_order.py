"""Followers of the record go by the order of sealing: what they dealt with stays dealt with."""

from django.db import migrations, models
from django.db.models import Max, Min


def go_by_entries(apps, schema_editor):
    """Begin before the first entry whose event was not dealt with.

    ``event_id`` stays: events up to it that are sealed later, all of them in a log without
    entries, are passed over. Those after it that were dealt with already bear marks.
    """
    database = schema_editor.connection.alias
    leaves = apps.get_model("audit", "Leaf").objects.using(database)
    for position in apps.get_model("integrations", "RecordPosition").objects.using(database).all():
        ahead = leaves.filter(event_id__gt=position.event_id).aggregate(first=Min("seq"))["first"]
        if ahead is None:
            newest = leaves.aggregate(newest=Max("seq"))["newest"]
            ahead = 0 if newest is None else newest + 1
        position.seq = ahead - 1
        position.save()


def go_by_events(apps, schema_editor):
    """Go back before the first event that was not dealt with."""
    database = schema_editor.connection.alias
    leaves = apps.get_model("audit", "Leaf").objects.using(database)
    queued = apps.get_model("audit", "PendingEvent").objects.using(database)
    events = apps.get_model("audit", "AuditEvent").objects.using(database)
    for position in apps.get_model("integrations", "RecordPosition").objects.using(database).all():
        new = {"event_id__gt": position.event_id}
        ahead = [
            rows.filter(**new).aggregate(first=Min("event_id"))["first"]
            for rows in (leaves.filter(seq__gt=position.seq), queued)
        ]
        first = min((found for found in ahead if found is not None), default=None)
        newest = events.aggregate(newest=Max("pk"))["newest"] or 0
        position.event_id = newest if first is None else first - 1
        position.save()


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_sealing"),
        ("integrations", "0003_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="recordposition",
            name="seq",
            field=models.BigIntegerField(default=-1),
        ),
        migrations.RunPython(go_by_entries, go_by_events),
    ]
