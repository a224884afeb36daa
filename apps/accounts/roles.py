"""The seventeen roles a person or team can hold a duty in, and what each may do.

Identifiers and titles are those of the default policy; permissions are on registered models.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Line(StrEnum):
    """Line of defense (Institute of Internal Auditors, Three Lines Model, 2020)."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    EXECUTIVE = "executive"


@dataclass(frozen=True)
class Role:
    id: str
    title: str
    line: Line
    description: str
    permissions: frozenset[str] = field(default_factory=frozenset)


_SEE = frozenset(
    {"catalog.view_registeredmodel", "catalog.download_artifacts", "catalog.ask_admission"}
)
_NOTICE = frozenset({"catalog.raise_finding", "catalog.report_incident"})
_SIGN = (
    _SEE
    | _NOTICE
    | {
        "catalog.sign_off",
        "catalog.fill_inventory",
        "catalog.add_evidence",
        "catalog.answer_assessments",
    }
)
_VERIFY = _SIGN | {"catalog.verify_evidence", "catalog.manage_findings"}
_EXAMINE = {"catalog.run_checks", "catalog.set_check_parameters", "catalog.post_check_results"}
_BUILD = (
    _SEE
    | _NOTICE
    | {
        "catalog.answer_assessments",
        "catalog.add_registeredmodel",
        "catalog.declare_assets",
        "catalog.change_registeredmodel",
        "catalog.fill_inventory",
        "catalog.register_version",
        "catalog.delete_version",
        "catalog.run_checks",
        "catalog.post_check_results",
        "catalog.attach_attestation",
        "catalog.add_evidence",
        "catalog.write_documents",
        "catalog.post_measurements",
        "catalog.request_promotion",
        "catalog.request_waiver",
    }
)
_OWN = (
    _BUILD
    | _SIGN
    | {
        "catalog.manage_access",
        "catalog.manage_monitoring",
        "catalog.delete_model",
        "catalog.manage_incidents",
        "catalog.attest_model",
    }
)
_OPERATE = (
    _SEE
    | _NOTICE
    | {
        "catalog.manage_incidents",
        "catalog.fill_inventory",
        "catalog.promote_version",
        "catalog.roll_back_version",
        "catalog.retire_version",
        "catalog.deploy_version",
        "catalog.manage_environments",
        "catalog.post_sightings",
        "catalog.run_checks",
        "catalog.post_check_results",
        "catalog.attach_attestation",
        "catalog.add_evidence",
        "catalog.post_measurements",
        "catalog.manage_monitoring",
    }
)

ROLES: tuple[Role, ...] = (
    Role(
        "model_owner",
        "Model owner",
        Line.FIRST,
        "Accountable for the model, its use within approved limits and its risk.",
        _OWN,
    ),
    Role(
        "model_developer",
        "Model developer",
        Line.FIRST,
        "Designs, trains, configures or integrates the model.",
        _BUILD,
    ),
    Role(
        "business_sponsor",
        "Business sponsor",
        Line.FIRST,
        "Accountable for the business process or decision that relies on the model.",
        _SIGN,
    ),
    Role(
        "operator",
        "Operator",
        Line.FIRST,
        "Runs deployments, monitoring and incident response. Executes, but does not grant, "
        "authorizations.",
        _OPERATE,
    ),
    Role(
        "human_oversight_lead",
        "Human oversight lead",
        Line.FIRST,
        "Responsible for the people who review, override or stop the model's outputs.",
        _SIGN,
    ),
    Role(
        "peer_reviewer",
        "Peer reviewer",
        Line.FIRST,
        "Qualified colleague who did not build the version and conditions it before it leaves "
        "development.",
        _VERIFY,
    ),
    Role(
        "validator",
        "Independent validator",
        Line.SECOND,
        "Performs effective challenge and validation; independent from development and ownership.",
        _VERIFY
        | _EXAMINE
        | {
            "catalog.write_documents",
            "catalog.manage_monitoring",
            "catalog.review_emergencies",
            "catalog.manage_reviews",
        },
    ),
    Role(
        "risk_officer",
        "Model risk officer",
        Line.SECOND,
        "Second-line model risk management; owns tiering, policy and issue tracking.",
        _VERIFY
        | _EXAMINE
        | {
            "catalog.write_documents",
            "catalog.manage_monitoring",
            "catalog.manage_checks",
            "catalog.manage_access",
            "catalog.manage_fields",
            "catalog.manage_oversight",
            "catalog.review_emergencies",
            "catalog.write_policies",
            "catalog.sign_policies",
            "catalog.write_questionnaires",
            "catalog.sign_questionnaires",
            "catalog.override_tier",
            "catalog.accept_risk",
            "catalog.manage_incidents",
            "catalog.manage_reviews",
            "catalog.open_exams",
        },
    ),
    Role(
        "compliance_officer",
        "Compliance officer",
        Line.SECOND,
        "Assesses regulatory classification and conduct obligations.",
        _VERIFY
        | {"catalog.write_questionnaires", "catalog.manage_incidents", "catalog.open_exams"},
    ),
    Role(
        "privacy_officer",
        "Privacy officer",
        Line.SECOND,
        "Data protection officer or delegate.",
        _VERIFY | {"audit.ask_redaction", "audit.approve_redaction"},
    ),
    Role(
        "security_officer",
        "Security officer",
        Line.SECOND,
        "Information security reviewer, including AI-specific threats.",
        _VERIFY | _EXAMINE | {"catalog.attach_attestation", "catalog.manage_checks"},
    ),
    Role(
        "legal_counsel",
        "Legal counsel",
        Line.SECOND,
        "Gives legal determinations, including prohibited-practice and intellectual-property "
        "questions.",
        _VERIFY | {"catalog.place_legal_hold", "audit.ask_redaction", "audit.approve_redaction"},
    ),
    Role(
        "third_party_risk",
        "Third-party risk manager",
        Line.SECOND,
        "Performs supplier due diligence and contract oversight.",
        _VERIFY,
    ),
    Role(
        "records_manager",
        "Records manager",
        Line.SECOND,
        "Owns retention schedules, legal holds and disposal.",
        _VERIFY | {"catalog.manage_retention", "catalog.place_legal_hold", "audit.ask_redaction"},
    ),
    Role(
        "governance_committee",
        "AI and model governance committee",
        Line.SECOND,
        "Committee chair or delegate recording a committee decision, with minutes attached.",
        _SIGN
        | {
            "catalog.sign_policies",
            "catalog.sign_questionnaires",
            "catalog.override_tier",
            "catalog.accept_risk",
        },
    ),
    Role(
        "executive_sponsor",
        "Accountable executive",
        Line.EXECUTIVE,
        "Senior manager who accepts residual risk outside appetite.",
        _SIGN | {"catalog.accept_risk"},
    ),
    Role(
        "auditor",
        "Auditor",
        Line.THIRD,
        "Read-only access to everything, including the audit trail. Never an approver.",
        _SEE | {"audit.view_record"},
    ),
)

_BY_ID = {role.id: role for role in ROLES}
CHOICES = [(role.id, role.title) for role in ROLES]


def role_named(role_id: str) -> Role:
    """Return a role by its id.

    Raises:
        KeyError: when there is none.
    """
    return _BY_ID[role_id]


def permissions_of(role_ids: frozenset[str]) -> frozenset[str]:
    """Return what holders of these roles may do together."""
    return frozenset().union(*(_BY_ID[role_id].permissions for role_id in role_ids))
