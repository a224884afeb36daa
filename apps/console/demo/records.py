"""What the inventory says of the demo's models so far, by those who know; gaps are left to fill."""

from collections.abc import Mapping
from typing import TypeAlias

from apps.catalog.inventory.sheets import Subject
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.demo.people import DEVELOPER, OPERATOR, OWNER, RISK_OFFICER, VALIDATOR, Part
from apps.console.demo.walk import Walk

Told: TypeAlias = Mapping[Part, Mapping[str, object]]

_MODEL: Told = {
    OWNER: {
        "business_line": "Pathology",
        "legal_entities": ["Clinic of Northfield"],
        "stakeholders": ["Pathologists", "Breast center", "Patient council"],
    },
    DEVELOPER: {
        "is_ai": True,
        "operating_boundaries": (
            "Adults with a palpable breast mass, samples taken by fine needle and digitized at "
            "the pathology of this clinic."
        ),
        "assumptions": [
            [
                "Images are measured as in 1995",
                "Same stain, same magnification, checked on 20 slides",
                "High: area and texture move with the stain",
                "Dana Lindqvist",
            ],
            [
                "One sample for each patient",
                "Duplicates are removed by sample number",
                "Low",
                "Dana Lindqvist",
            ],
        ],
    },
    RISK_OFFICER: {
        "regulatory_use": False,
        "determination_rationale": (
            "In scope: it orders the work on samples of patients and so affects how soon a "
            "malignant one is read. It does not diagnose."
        ),
        "shared_factors": ["The breast mass samples, which the checklist is made from too"],
        "risk_register": [
            [
                "A malignant sample is put last",
                "Patients",
                "High",
                "Low",
                "Every sample is read within two working days whatever its place",
                "Low",
                "Mercy Okafor",
            ],
        ],
    },
    OPERATOR: {
        "monitored_metrics": [
            ["Recall on read samples", "Weekly", "below 0.95", "below 0.92", "Stop, use checklist"],
            [
                "Samples that cannot be measured",
                "Daily",
                "above 2 %",
                "above 5 %",
                "Call pathology",
            ],
        ],
    },
}
_VERSION: Told = {
    DEVELOPER: {
        "data_sources": ["Wisconsin diagnostic breast cancer samples, 1995"],
        "license": "BSD-3-Clause",
    },
    VALIDATOR: {"reproducibility": "reproduced"},
}
_USE: Told = {
    OWNER: {
        "description": (
            "Each morning the list of waiting samples is put in order. A pathologist works it "
            "from the top and reads every sample."
        ),
        "intended_purpose": "Proposes an order of reading. It is no finding and no diagnosis.",
        "users": ["Pathologists on duty", "Laboratory assistants"],
        "affected_people": [["Patients with a breast mass", "About 1,100 a year", "Health"]],
        "member_states": ["Sweden"],
    },
    VALIDATOR: {"use_limits": "Samples of adults only. Look at it again after 500 read samples."},
    OPERATOR: {
        "environment": "clinic-production",
        "endpoint": "https://worklist.clinic.example/order",
        "log_location": "Laboratory archive, ten years",
        "data_residency": ["Sweden"],
    },
}
_SUPPLIER: Told = {
    OWNER: {
        "service": "NucleusScope 4, on our own machines",
        "component_role": "data",
        "documentation_received": [["Handbook", "Method of measuring", "Known faults", "None"]],
    },
    DEVELOPER: {"supplier_version": "4.2.1"},
    VALIDATOR: {
        "validation_approach": "Measured 20 slides by hand and compared; no access to code."
    },
}
USE = "Order of reading fine-needle samples"
SUPPLIER = "Nucleus measuring software"


def fill(walk: Walk, model: RegisteredModel, version: ModelVersion) -> None:
    """Record what people said of a model, of the version in use, its use and its supplier."""
    use, supplier = walk.add_use(model, USE), walk.add_supplier(model, SUPPLIER)
    subjects: tuple[tuple[Subject, Told], ...] = (
        (model, _MODEL),
        (version, _VERSION),
        (use, _USE),
        (supplier, _SUPPLIER),
    )
    for subject, told in subjects:
        for part, values in told.items():
            walk.fill_in(subject, part, values)
