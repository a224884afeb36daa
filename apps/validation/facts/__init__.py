"""What policies read about evidence: read for many versions at once, then told one by one."""

from apps.validation.facts.papers import Papers
from apps.validation.facts.readings import Readings
from apps.validation.facts.reports import Report

__all__ = ["Papers", "Readings", "Report"]
