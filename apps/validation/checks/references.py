"""References: where a file of a model says that something of it lies in another file."""


def inside(place: str, location: str) -> str | None:
    """Return the path a reference in a file leads to; nothing when that is outside its folder."""
    steps = location.replace("\\", "/").split("/")
    if not steps[0] or ".." in steps or ":" in location or "\0" in location:
        return None
    folder = place.rpartition("/")[0]
    return "/".join(filter(None, [folder, *(step for step in steps if step != ".")]))
