"""How often something may be asked: so many times in a stretch of seconds, in one process."""

import time
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True)
class Pace:
    """How many times in so many seconds."""

    most: int
    seconds: int

    def seconds_to_wait(self, key: str) -> int:
        """Count one more time under a key, and return how long to wait; 0 when it is not too often.

        Where nothing is kept, nothing is counted.
        """
        at = int(time.time())
        counted = f"pace:{key}:{at // self.seconds}"
        cache.add(counted, 0, self.seconds)
        try:
            times = cache.incr(counted)
        except ValueError:
            return 0
        return self.seconds - at % self.seconds if times > self.most else 0
