"""What this process could not record, so that health can show it."""


class Unrecorded:
    """How many refusals and failures this process could not record since it started."""

    count = 0
