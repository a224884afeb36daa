"""What people can ask of checks: that they run, with which parameters, against which lists."""

from apps.validation.operations.checks import (
    COMPLETE_AND_CHECK,
    REGISTER_AND_CHECK,
    START_CHECKS,
    complete_and_check,
    register_and_check,
    register_source_and_check,
    rerun,
    start_checks,
)
from apps.validation.operations.settings import SET_FOR_ALL, SET_PARAMETERS, set_parameters

__all__ = [
    "COMPLETE_AND_CHECK",
    "REGISTER_AND_CHECK",
    "SET_FOR_ALL",
    "SET_PARAMETERS",
    "START_CHECKS",
    "complete_and_check",
    "register_and_check",
    "register_source_and_check",
    "rerun",
    "set_parameters",
    "start_checks",
]
