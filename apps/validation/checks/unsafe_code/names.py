"""Names of archive members, and kinds of members that are more than bytes."""

from apps.catalog.manifest import folded
from apps.validation.checks.unsafe_code.scan import REPACK, Scan


class NameRules:
    """Judges the names in one archive, each by itself and against the others."""

    def __init__(self, scan: Scan, place: str) -> None:
        self._scan, self._place = scan, place
        self._seen: set[str] = set()

    def require_clean(self, name: str, *, is_link: bool = False) -> None:
        """Report a name or kind of member that could write outside or over something."""
        problem = _problem(name)
        if problem is not None:
            text = f"The member {name!a:.200} {problem}."
            self._scan.report("unsafe_name", self._place, text, REPACK)
        if is_link:
            text = f"The member {name!a:.200} is a link or a device, not a file."
            self._scan.report("link_or_device", self._place, text, REPACK)
        fold = folded(name)
        if fold in self._seen:
            text = f"The archive holds two members named {name!a:.200}, or alike."
            self._scan.report("duplicate_member", self._place, text, REPACK)
        self._seen.add(fold)


def _problem(name: str) -> str | None:
    if not name or "\0" in name:
        return "has an empty name or a NUL in it"
    plain = name.replace("\\", "/")
    if plain.startswith("/") or name[1:2] == ":":
        return "has an absolute path"
    if ".." in plain.split("/"):
        return "steps out of its folder"
    return None
