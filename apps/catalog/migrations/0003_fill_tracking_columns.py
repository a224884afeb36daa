from django.db import migrations
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

DEFAULT_EXPERIMENT = 0


def fill(apps, schema_editor):
    """Give rows from before tracking what the new columns say about them."""
    models = {
        name: apps.get_model("catalog", name)
        for name in ("Experiment", "HistoricalModelVersion", "ModelVersion", "Run", "RunMetric")
    }
    models["ModelVersion"].objects.update(touched_at=F("created_at"))
    models["HistoricalModelVersion"].objects.update(touched_at=F("created_at"))
    _find_starters(models["Run"], apps.get_model("accounts", "User"))
    _mark_last_points(models["RunMetric"])
    _start_default_experiment(models["Experiment"])


def _find_starters(runs, users):
    known = set(users.objects.values_list("pk", flat=True))
    runs.objects.update(started_at=F("created_at"), ended_at=F("created_at"))
    for starter in runs.objects.values_list("starter_id", flat=True).distinct():
        number = starter.removeprefix("usr_")
        if number.isdigit() and int(number) in known:
            runs.objects.filter(starter_id=starter).update(started_by=int(number))


def _mark_last_points(metrics):
    later = metrics.objects.filter(
        run=OuterRef("run"),
        key=OuterRef("key"),
        dataset=OuterRef("dataset"),
        slice=OuterRef("slice"),
        step__gt=OuterRef("step"),
    )
    earlier_points = metrics.objects.filter(Exists(later)).values_list("pk", flat=True)
    metrics.objects.filter(pk__in=list(earlier_points)).update(is_last=False)


def _start_default_experiment(experiments):
    """Make the experiment clients log to when they name none; MLflow gives it the id 0."""
    now = timezone.now()
    experiments.objects.get_or_create(
        pk=DEFAULT_EXPERIMENT,
        defaults={"name": "Default", "created_at": now, "touched_at": now},
    )


def forget(apps, schema_editor):
    apps.get_model("catalog", "Experiment").objects.filter(pk=DEFAULT_EXPERIMENT).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0002_tracking_and_tombstones"),
    ]

    operations = [migrations.RunPython(fill, forget)]
