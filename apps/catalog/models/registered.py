"""The registered model: the named thing with versions, root of permission, lock and timeline."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts.models import Team
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.audit.ongoing import ongoing_change
from apps.core.errors import NotFound


class RegisteredModel(GovernedRow):
    """A governed method with everything a reviewer must know before looking at a version."""

    class Kind(models.TextChoices):
        IN_HOUSE = "in_house", "In-house"
        VENDOR = "vendor", "Vendor"
        FOUNDATION = "foundation", "Foundation model"
        ADAPTER = "adapter", "Adapter"
        PROMPT = "prompt", "Prompt"
        RULES = "rules", "Rule set"

    class Flag(models.TextChoices):
        """What policies read about a model."""

        IS_AI = "is_ai", "Uses AI or machine learning"
        IS_GENERATIVE = "is_generative", "Generates content"
        AFFECTS_INDIVIDUALS = "affects_individuals", "Its output affects people"
        CONSEQUENTIAL = "consequential_decisions", "Decides about people in ways that matter"
        PERSONAL_DATA = "processes_personal_data", "Processes personal data"
        REGULATORY_USE = "regulatory_use", "Used for capital, provisions or reporting"

    RECORD = RecordKind(
        "model",
        "mdl",
        1,
        (
            "name",
            "title",
            "intended_use",
            "out_of_scope_uses",
            "limitations",
            "owner_id",
            "team_id",
            "domain",
            "kind",
            "method",
            "flags",
            "runs_several",
        ),
    )
    OBJECT_PERMISSIONS = True

    name = models.CharField(max_length=256)
    folded_name = models.CharField(max_length=300, editable=False)
    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True, max_length=5000)
    intended_use = models.TextField(blank=True, max_length=5000)
    out_of_scope_uses = models.TextField(blank=True, max_length=5000)
    limitations = models.TextField(blank=True, max_length=5000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_models"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True)
    domain = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.IN_HOUSE)
    method = models.CharField(max_length=200, blank=True)
    flags: Any = models.JSONField(default=list, blank=True)
    runs_several = models.BooleanField("several versions in production", default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    touched_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When a tombstone was set; repeated here so that lists need not look for one."""

    history = EventHistory()

    class Meta:
        db_table = "catalog_registered_model"
        default_permissions: ClassVar = ("add", "change", "view")
        permissions: ClassVar = [
            ("register_version", "Can register a version"),
            ("delete_version", "Can delete a version nothing refers to"),
            ("delete_model", "Can delete a model nothing refers to"),
            ("download_artifacts", "Can download artifacts"),
            ("run_checks", "Can run checks"),
            ("set_check_parameters", "Can set the parameters of checks for a model"),
            ("manage_checks", "Can set parameters for every model, and load lists"),
            ("post_check_results", "Can post results of external checks"),
            ("attach_attestation", "Can attach signatures and attestations"),
            ("add_evidence", "Can add evidence"),
            ("verify_evidence", "Can verify evidence somebody else added"),
            ("write_documents", "Can write documents"),
            ("manage_monitoring", "Can set up monitoring and its thresholds"),
            ("post_measurements", "Can post monitoring measurements"),
            ("request_promotion", "Can request a promotion"),
            ("sign_off", "Can sign off in a role held"),
            ("promote_version", "Can promote once the gate is open"),
            ("roll_back_version", "Can roll back"),
            ("retire_version", "Can archive and decommission once the gate is open"),
            ("request_waiver", "Can ask for a waiver"),
            ("review_emergencies", "Can review what was done in an emergency"),
            ("manage_retention", "Can set retention, and dispose of what was kept long enough"),
            ("place_legal_hold", "Can place and lift legal holds"),
            ("write_policies", "Can draft and propose policies"),
            ("sign_policies", "Can sign policies"),
            ("answer_assessments", "Can answer risk assessments as a respondent"),
            ("write_questionnaires", "Can draft and propose questionnaires"),
            ("sign_questionnaires", "Can sign questionnaires"),
            ("override_tier", "Can ask for a tier other than the assessed one"),
            ("raise_finding", "Can raise findings, and answer for those owned"),
            ("manage_findings", "Can close findings, and say who owns them and until when"),
            ("accept_risk", "Can accept the risk of a finding until a day"),
            ("report_incident", "Can report incidents"),
            ("manage_incidents", "Can follow incidents to their end"),
            ("attest_model", "Can attest that the record of a model is right"),
            ("manage_reviews", "Can carry out reviews, and run campaigns"),
            ("fill_inventory", "Can fill inventory fields of the roles held"),
            ("manage_fields", "Can add inventory fields and make fields required"),
            ("manage_access", "Can grant duties of the first line"),
            ("manage_oversight", "Can grant duties of the second and third line"),
            ("open_exams", "Can open exam rooms for examiners from outside"),
            ("deploy_version", "Can put versions into environments, and take them out"),
            ("ask_admission", "Can ask whether a version may run in an environment"),
            ("manage_environments", "Can describe environments, and close them"),
            ("post_sightings", "Can report what is seen running in environments"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(deleted_at=None), name="registered_model_name"
            ),
            models.UniqueConstraint(
                fields=["folded_name"], condition=Q(deleted_at=None), name="registered_model_looks"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-touched_at", "-id"], name="model_newest_first")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("models:model", args=[self.name])

    @property
    def shown_title(self) -> str:
        return self.title or self.name

    def require_there(self) -> None:
        """Refuse a change to a model that was deleted.

        Raises:
            NotFound: when it was; whoever held its page open learns it here.
        """
        if self.deleted_at is not None:
            raise NotFound(f"{self.name} was deleted.")

    def touch(self) -> None:
        """Move up in the list of models, inside the change that gives the reason to.

        The time orders lists and is no governed fact, so it leaves no history of its own.
        """
        ongoing = ongoing_change()
        assert ongoing is not None
        self.touched_at = ongoing.time
        self._write("touched_at")
