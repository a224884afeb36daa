"""What policies read about judgment: one query, however many models and versions."""

from apps.risk.facts.judged import Judged
from apps.risk.facts.owed import Owed, of_uses
from apps.risk.facts.reading import as_one

__all__ = ["Judged", "Owed", "as_one", "of_uses"]
