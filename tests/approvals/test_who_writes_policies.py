"""People write policies: what a program wrote, whoever answers for it could sign."""

import pytest

from apps.approvals import operations
from apps.approvals.models import PolicyVersion
from apps.approvals.policy_statements import text_digest
from apps.core.actors import Auth, Door
from apps.core.errors import NotAllowed
from tests import scenarios
from tests.approvals.policy_texts import text_of
from tests.approvals.policy_walk import OFFICER, drafted, fresh
from tests.factories import actor, person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("door", "auth"), [(Door.API, Auth.TOKEN), (Door.WEB, Auth.SESSION)])
def test_a_program_changes_no_draft(door: Door, auth: Auth) -> None:
    draft = drafted()
    program = person("robot", service=True, manager=scenarios.risk_officer(), everywhere=(OFFICER,))
    by = actor(program, door=door, auth=auth)
    looser = text_of(lambda document: document.update(title="Ours"), number="1.0.1")

    with pytest.raises(NotAllowed):
        operations.change_draft(draft, by=by, text=looser, edited=text_digest(draft.text))

    assert fresh(draft).title == draft.title
    assert fresh(draft).state == PolicyVersion.State.DRAFT
