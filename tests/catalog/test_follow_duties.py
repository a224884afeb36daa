"""Permissions follow duties, also after a release in which a role may do more or less."""

from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command

from apps.catalog.models import RegisteredModelUserPermission
from apps.catalog.operations import grant_model_duty
from apps.catalog.permissions import follow_duties
from tests import factories, scenarios
from tests.factories import actor

pytestmark = pytest.mark.django_db


def told() -> str:
    words = StringIO()
    call_command("follow_duties", stdout=words)
    return words.getvalue()


def test_permissions_a_release_added_to_a_role_reach_those_who_hold_it_already() -> None:
    scenarios.registered_model()
    granted = RegisteredModelUserPermission.objects.filter(permission__codename="delete_version")
    held = granted.count()
    assert held
    granted.delete()

    assert told() == f"Permissions of {held} holders of duties changed.\n"
    assert granted.count() == held


def test_a_team_is_followed_like_a_person() -> None:
    model = scenarios.registered_model()
    team = factories.team("risk", factories.person("tara"))
    by = actor(scenarios.risk_officer())
    grant_model_duty(model, team, "model_developer", by=by, reason="They maintain it")

    assert told() == "Permissions of 0 holders of duties changed.\n"


def test_a_permission_no_migration_made_is_said_and_not_left_out() -> None:
    model = scenarios.registered_model()
    Permission.objects.filter(codename="delete_version").delete()

    with pytest.raises(Permission.DoesNotExist, match=r"No migration made: delete_version\."):
        follow_duties(model, scenarios.owner())
