"""What stands in the way of a backup or of its return."""

from apps.core.errors import RuleBroken


class NotABackup(RuleBroken):
    """A folder holds no backup that was finished."""

    code = "not_a_backup"


class DoesNotFit(RuleBroken):
    """A backup cannot be restored to what the settings name; the message says what to change."""

    code = "does_not_fit"


class Damaged(RuleBroken):
    """A backup is not what was written."""

    code = "damaged"


class CouldNot(Exception):
    """Something outside would not do: a disk, a server, a program. Nothing is claimed."""
