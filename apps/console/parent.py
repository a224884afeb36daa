"""Ties a program to the one that started it, so that a killed parent leaves nobody behind."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel for a signal when the parent is gone (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how)


def main(arguments: list[str]) -> None:
    """Become the program that is named after the signal: ``KILL valkey-server --port 0``."""
    how, *command = arguments
    end_with_parent(signal.Signals[f"SIG{how}"])
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
