"""Who holds which role on one model, and the object permissions that follow from it."""

from typing import ClassVar

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from apps.accounts.models import AbstractDuty
from apps.audit.governed import EventHistory, RecordKind
from apps.catalog.models.registered import RegisteredModel


class ModelDuty(AbstractDuty):
    """A duty a person or a team holds on one model."""

    RECORD = RecordKind("model_duty", "mdu", 1, ("model_id", *AbstractDuty.FIELDS))

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="duties")

    history = EventHistory()

    class Meta:
        db_table = "catalog_model_duty"
        verbose_name_plural = "model duties"
        constraints: ClassVar = AbstractDuty.constraints("model_duty", "model")

    @property
    def root(self) -> RegisteredModel:
        return self.model


class RegisteredModelUserPermission(UserObjectPermissionBase):
    """A permission of one person on one model; follows from the duties held, never set by hand."""

    id = models.BigAutoField(primary_key=True)
    content_object = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        db_table = "catalog_model_user_permission"
        indexes: ClassVar = [
            models.Index(fields=["content_object", "permission", "user"], name="model_perm_user")
        ]


class RegisteredModelGroupPermission(GroupObjectPermissionBase):
    """A permission of one team on one model; follows from the duties held, never set by hand."""

    id = models.BigAutoField(primary_key=True)
    content_object = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        db_table = "catalog_model_group_permission"
        indexes: ClassVar = [
            models.Index(fields=["content_object", "permission", "group"], name="model_perm_group")
        ]
