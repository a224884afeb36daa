"""What an API token can be limited to. A permission in no scope is never usable by token:
signing off, granting duties and managing tokens need a person in a session."""

from enum import StrEnum

from apps.core.actors import ON_OWN_READING


class Scope(StrEnum):
    READ = "read"
    REGISTER = "register"
    CHECK = "check"
    RESULTS = "results"
    EVIDENCE = "evidence"
    MONITOR = "monitor"
    OBSERVE = "observe"
    ADMIT = "admit"
    RAISE = "raise"
    PROMOTE = "promote"
    DEPLOY = "deploy"
    ASSESS = "assess"
    RECORD = "record"
    CALENDAR = "calendar"
    DIRECTORY = "directory"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Scope.READ: "See models and versions, download artifacts",
    Scope.REGISTER: "Register, describe and delete models and versions",
    Scope.CHECK: "Run checks",
    Scope.RESULTS: "Post results of external checks, and nothing else",
    Scope.EVIDENCE: "Add evidence and attestations, write documents",
    Scope.MONITOR: "Post monitoring measurements",
    Scope.OBSERVE: "Report what is seen running in environments",
    Scope.ADMIT: "Ask whether a version may run in an environment, and nothing else",
    Scope.RAISE: "Raise findings, and report incidents",
    Scope.PROMOTE: "Request promotions and waivers, carry out what has an open gate, roll back",
    Scope.DEPLOY: "Put versions into environments, shift their traffic, and take them out",
    Scope.ASSESS: "Answer and submit risk assessments, upload drafts of questionnaires",
    Scope.RECORD: "Read the whole record, for owners who may",
    Scope.CALENDAR: "Read what falls due as a calendar, and nothing else",
    Scope.DIRECTORY: "Keep people and teams for a directory by SCIM, for administrators alone",
}

SCOPE_ON_OWN: dict[str, Scope] = {ON_OWN_READING: Scope.READ}
"""What a token lets through of what all may on their own account; the rest takes a session."""

SCOPE_OF: dict[str, Scope] = {
    "catalog.view_registeredmodel": Scope.READ,
    "catalog.download_artifacts": Scope.READ,
    "catalog.add_registeredmodel": Scope.REGISTER,
    "catalog.declare_assets": Scope.REGISTER,
    "catalog.change_registeredmodel": Scope.REGISTER,
    "catalog.fill_inventory": Scope.REGISTER,
    "catalog.register_version": Scope.REGISTER,
    "catalog.delete_version": Scope.REGISTER,
    "catalog.delete_model": Scope.REGISTER,
    "catalog.run_checks": Scope.CHECK,
    "catalog.post_check_results": Scope.RESULTS,
    "catalog.add_evidence": Scope.EVIDENCE,
    "catalog.attach_attestation": Scope.EVIDENCE,
    "catalog.write_documents": Scope.EVIDENCE,
    "catalog.post_measurements": Scope.MONITOR,
    "catalog.post_sightings": Scope.OBSERVE,
    "catalog.ask_admission": Scope.ADMIT,
    "catalog.raise_finding": Scope.RAISE,
    "catalog.report_incident": Scope.RAISE,
    "catalog.request_promotion": Scope.PROMOTE,
    "catalog.request_waiver": Scope.PROMOTE,
    "catalog.promote_version": Scope.PROMOTE,
    "catalog.roll_back_version": Scope.PROMOTE,
    "catalog.retire_version": Scope.PROMOTE,
    "catalog.deploy_version": Scope.DEPLOY,
    "catalog.answer_assessments": Scope.ASSESS,
    "catalog.write_questionnaires": Scope.ASSESS,
    "audit.view_record": Scope.RECORD,
}
