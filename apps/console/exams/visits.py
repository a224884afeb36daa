"""What one examiner may open during one request, for the door and for what pages leave out."""

from dataclasses import dataclass
from datetime import datetime

from apps.catalog.models import ExamRoom
from apps.console.exams import pages


@dataclass(frozen=True)
class Visit:
    """An examiner at the door: which room is theirs, and whether it is open to them now."""

    room: ExamRoom | None
    at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the examiner may look at all."""
        return self.room is not None and self.room.is_open(self.at)

    def opens(self, page: str) -> bool:
        """Say whether a page shows the examiner anything."""
        known = pages.OPEN.get(page)
        if known is None or self.room is None or not self.is_open:
            return page in pages.OWN
        return known.part == pages.ALWAYS or self.room.shows(known.part)

    def takes(self, page: str, method: str) -> bool:
        """Say whether a page may be asked in a way: sending anything is for the own sign-in."""
        return method in (pages.FORM if page in pages.WITH_FORMS else pages.GET)

    @property
    def shows_record(self) -> bool:
        """Whether entries of the record are part of the exam."""
        return self._shows(ExamRoom.Part.RECORD)

    @property
    def shows_assessments(self) -> bool:
        """Whether risk assessments are part of the exam."""
        return self._shows(ExamRoom.Part.ASSESSMENTS)

    @property
    def shows_findings(self) -> bool:
        """Whether findings, incidents and reviews are part of the exam."""
        return self._shows(ExamRoom.Part.FINDINGS)

    def _shows(self, part: str) -> bool:
        return self.room is not None and self.is_open and self.room.shows(part)
