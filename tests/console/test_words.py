"""Every action that can be recorded is said in words."""

import importlib
import pkgutil

import apps
from apps.audit.actions import Action
from apps.audit.sealing.states import LogAction
from apps.console import words


def _declared() -> set[str]:
    modules = pkgutil.walk_packages(apps.__path__, "apps.")
    names = [module.name for module in modules if ".migrations" not in module.name]
    return {
        value.name
        for name in names
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, Action)
    } | {action.value for action in LogAction}


def test_every_declared_action_has_its_words() -> None:
    assert sorted(_declared() - words.ACTIONS.keys()) == []


def test_no_words_are_kept_for_actions_that_do_not_exist() -> None:
    assert sorted(words.ACTIONS.keys() - _declared()) == []


def test_an_unknown_action_is_said_by_its_own_name() -> None:
    assert words.of_action("risk_tier.set_floor").done == "Set floor risk tier"
