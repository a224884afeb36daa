"""What the people of the demo wrote about its serving model: a card that is signed, one begun."""

from collections.abc import Mapping

from apps.catalog.models import ModelVersion
from apps.console.demo.people import OWNER, VALIDATOR
from apps.console.demo.walk import Walk

Sections = Mapping[str, Mapping[str, object]]

_CARD: Sections = {
    "identification": {
        "summary": (
            "Puts waiting samples of breast masses in order, likely malignant ones first. "
            "A pathologist reads every sample, whatever its place."
        )
    },
    "intended_use": {
        "primary_uses": "Orders the worklist of a **second reading**. It never replaces a reading.",
        "users": ["Pathologists", "Laboratory staff who prepare the worklist"],
        "affected_people": ["Patients whose sample waits"],
        "out_of_scope": "Primary diagnosis, screening without a biopsy, tissue other than breast.",
        "operating_limits": (
            "- Digitized fine needle aspirates of adults\n- Thirty measurements, none of them empty"
        ),
    },
    "description": {
        "task": "tabular-classification",
        "approach": "supervised",
        "architecture_family": "Gradient boosted trees",
        "architecture": "Binary classifier on thirty measurements of cell nuclei.",
        "inputs": [["thirty measurements", "number", "as measured", "image analysis", "health"]],
        "outputs": [["malignant", "probability", "0 to 1", "Higher is read sooner"]],
        "assumptions": [
            ["Measurements come from the same software", "One laboratory", "high", "Laboratory"]
        ],
    },
    "data": {
        "collection": "Samples of one hospital with the result of the later biopsy as the label.",
        "representativeness": "One site, one scanner. Rare kinds of tumor are few.",
        "evaluation_data": "A holdout by patient that no training run has read.",
    },
    "limitations": {
        "limitations": [
            ["Few rare tumors", "They may wait longer", "A pathologist can move any sample"],
            [
                "One scanner",
                "Other scanners shift the measurements",
                "Checked before each roll-out",
            ],
        ],
        "tradeoffs": ["Sensitivity above specificity: a benign sample read early does no harm"],
    },
    "operations": {
        "fallback": "The checklist on paper orders the samples when this model cannot be reached.",
        "contact": "pathology-worklist@example.org",
    },
}


def write(walk: Walk, serving: ModelVersion, waiting: ModelVersion) -> None:
    """Have the card of the serving version signed; the next version's begins as its copy."""
    card = walk.write_document(serving, "model-card", _CARD)
    walk.sign_document(card, {OWNER: "model_owner", VALIDATOR: "validator"})
    walk.write_document(waiting, "model-card", {})
