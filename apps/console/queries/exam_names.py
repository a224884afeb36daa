"""Names as examiners may know them: those of models outside their exam are left out."""

from collections.abc import Mapping

from apps.catalog import queries as catalog
from apps.catalog.models import ExamRoom
from apps.console.queries.named import Found, Named
from apps.core.actors import Actor


def exam_rooms(pks: set[int]) -> Found:
    """Return the names of exam rooms."""
    rooms = ExamRoom.objects.filter(pk__in=pks)
    return {room.pk: Named(room.title, room.get_absolute_url()) for room in rooms}


def known_to(reader: Actor, known: Mapping[str, Found]) -> Mapping[str, Found]:
    """Return names without those of models an examiner is not shown; all of them for others."""
    if catalog.exam_limits_of(reader) is None:
        return known
    models, versions = catalog.models_visible_to(reader), catalog.versions_visible_to(reader)
    narrowed = dict(known)
    for word, rows in (("model", models), ("version", versions)):
        found = known.get(word, {})
        seen = set(rows.filter(pk__in=found.keys()).values_list("pk", flat=True))
        narrowed[word] = {
            pk: name if pk in seen else Named(catalog.OUTSIDE) for pk, name in found.items()
        }
    return narrowed
