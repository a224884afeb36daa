"""Carries a check out in a process of its own that can reach nothing but the bytes it is handed.

The worker starts the process, hands it what the check may know and, one after the other, the files
it asks for; the process closes its walls before it reads any of them (``walls``). It has no
settings, no database, no credentials, and no way to a file, a network or another process.
"""

from apps.validation.confined.apart import RunnerAway, carry_out_apart
from apps.validation.confined.parent import CheckCrashed, carry_out

__all__ = ["CheckCrashed", "RunnerAway", "carry_out", "carry_out_apart"]
