"""The gallery: every piece of the look in each of its states."""

from apps.console.gallery.asking import ASKING
from apps.console.gallery.frame import FRAME
from apps.console.gallery.judging import JUDGING
from apps.console.gallery.pieces import Group, Piece, State
from apps.console.gallery.telling import TELLING

GROUPS = (FRAME, TELLING, JUDGING, ASKING)

__all__ = ["GROUPS", "Group", "Piece", "State"]
