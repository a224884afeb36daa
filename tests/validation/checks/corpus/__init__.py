"""Samples of every format and nesting, built in code: none is stored, and none does harm.

Whatever a hostile sample would run is :func:`tests.validation.checks.stored.fire`, which only
leaves a mark, or something that cannot run here.
"""
