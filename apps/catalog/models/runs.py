"""Training runs with what they used and measured. Rows are only added."""

from typing import ClassVar

from django.db import models


class Run(models.Model):
    """One training or evaluation run. Its id is 32 hexadecimal digits, as MLflow's."""

    uid = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=250, blank=True)
    source = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    starter_id = models.CharField(max_length=40)

    class Meta:
        db_table = "catalog_run"

    def __str__(self) -> str:
        return self.name or self.uid


class RunParameter(models.Model):
    """A setting a run was given."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="parameters")
    key = models.CharField(max_length=250)
    value = models.CharField(max_length=6000)

    class Meta:
        db_table = "catalog_run_parameter"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "key"], name="run_parameter_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class RunMetric(models.Model):
    """A number a run measured: at a step, on a dataset, on one slice of it, with its interval."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="metrics")
    key = models.CharField(max_length=250)
    value = models.FloatField()
    step = models.BigIntegerField(default=0)
    dataset = models.CharField(max_length=250, blank=True)
    slice = models.CharField(max_length=250, blank=True)
    lower = models.FloatField(null=True, blank=True)
    upper = models.FloatField(null=True, blank=True)
    higher_is_better = models.BooleanField(null=True, blank=True)

    class Meta:
        db_table = "catalog_run_metric"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "key", "dataset", "slice", "step"], name="run_metric_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
