"""What an API token can be limited to. A permission in no scope is never usable by token:
signing off, granting duties and managing tokens need a person in a session."""

from enum import StrEnum


class Scope(StrEnum):
    READ = "read"
    REGISTER = "register"
    CHECK = "check"
    RESULTS = "results"
    EVIDENCE = "evidence"
    MONITOR = "monitor"
    PROMOTE = "promote"

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
    Scope.PROMOTE: "Request promotions and waivers, carry out what has an open gate, roll back",
}

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
    "catalog.request_promotion": Scope.PROMOTE,
    "catalog.request_waiver": Scope.PROMOTE,
    "catalog.promote_version": Scope.PROMOTE,
    "catalog.roll_back_version": Scope.PROMOTE,
    "catalog.retire_version": Scope.PROMOTE,
}
