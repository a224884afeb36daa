"""Draws the lifecycle from its table, so that no picture of it can be out of date."""

from apps.catalog.lifecycle import MOVES, Stage


def lifecycle_diagram() -> str:
    """Return the moves between stages as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    direction LR", f"    [*] --> {Stage.DEVELOPMENT.label}"]
    order = list(Stage)
    for origin, targets in MOVES.items():
        lines.extend(
            f"    {origin.label} --> {target.label}: {_words(origin, target)}"
            for target in sorted(targets, key=order.index)
        )
    lines.append(f"    {Stage.DECOMMISSIONED.label} --> [*]")
    return "\n".join(lines)


def _words(origin: Stage, target: Stage) -> str:
    if target == Stage.DECOMMISSIONED:
        return "decommission"
    if target == Stage.ARCHIVED:
        return "archive"
    if origin == Stage.ARCHIVED:
        return "roll back"
    return "send back" if target == Stage.DEVELOPMENT else "promote"
