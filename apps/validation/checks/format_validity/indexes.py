"""The index of a model in parts: which file holds which tensor."""

from collections.abc import Mapping

from apps.validation.checks.format_validity.bounded import mapping
from apps.validation.checks.format_validity.findings import SEND_ALL, Broken, Findings

ENDING = ".index.json"
MOST_NAMED = 5


def judge(
    place: str,
    value: object,
    siblings: Mapping[str, int],
    tensors: Mapping[str, frozenset[str]],
    findings: Findings,
) -> None:
    """Hold an index against the files it names, and the tensors it names against those files."""
    if not isinstance(value, dict) or "weight_map" not in value:
        return
    try:
        placed = mapping(value["weight_map"], "The list of tensors")
    except Broken as broken:
        findings.report_broken(broken, place)
        return
    folder = place.rpartition("/")[0]
    wanted: dict[str, set[str]] = {}
    for tensor, file in placed.items():
        path = f"{folder}/{file}" if folder else str(file)
        wanted.setdefault(path, set()).add(tensor)
    for path, names in sorted(wanted.items()):
        if path not in siblings:
            text = f"It names {path!a:.200}, which is not in this version."
            findings.report("missing_reference", place, text, SEND_ALL)
        elif path in tensors and (missing := sorted(names - tensors[path])):
            named = ", ".join(name[:80] for name in missing[:MOST_NAMED])
            text = f"{path!a:.200} lacks {len(missing):,} of the tensors it should hold: {named}."
            findings.report("missing_tensors", place, text, SEND_ALL)
