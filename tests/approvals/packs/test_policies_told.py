"""The policies in a pack: their texts, and the chains that prove them to be those published."""

import json
from pathlib import Path
from typing import Any

import pytest

from apps.approvals import policies
from apps.approvals.models import PolicyVersion, PromotionRequest
from apps.approvals.packs import of_policies
from apps.approvals.packs.contents import Contents
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.approvals import policy_walk, walk
from tests.approvals.packs.packed import (
    content_of,
    gathered,
    kept,
    made,
    once_more,
    ordered,
    resting_on_files,
    sealing,
)
from tests.approvals.packs.tampered import Files, files_of
from tests.approvals.packs.test_verifying import verify

pytestmark = pytest.mark.django_db
__all__ = ["sealing"]


@pytest.fixture
def promotion() -> PromotionRequest:
    """Return what the packs are of, walked to before anything stands in for our code."""
    return resting_on_files()


def rows_of(files: Files, folder: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[f"{folder}/rows.jsonl"].splitlines()]


def test_a_policy_is_told_with_its_chain_also_after_another_took_its_place(
    promotion: PromotionRequest, sealing: None, tmp_path: Path
) -> None:
    judged_by = PolicyVersion.objects.get()
    in_force = policy_walk.published(number="1.0.2")
    pack = made(ordered(promotion))
    content = content_of(pack)
    files = files_of(content)

    assert once_more(pack) == content
    assert verify(kept(content, tmp_path))[0] == 0
    manifest = json.loads(files["pack.json"])
    listed = {one["root"]: one for one in manifest["policies"]}
    assert set(listed) == {judged_by.record_ref, in_force.record_ref}
    chains = {chain["root"]: chain["folder"] for chain in manifest["chains"]}
    for row in (judged_by, in_force):
        folder = listed[row.record_ref]["folder"]
        assert chains[row.record_ref] == folder
        assert files[f"{folder}/policy.yaml"] == row.text.encode()
        told = json.loads(files[f"{folder}/policy.json"])
        assert (told["digest"], len(told["sign_offs"])) == (row.digest, 2)
        # As its own chain left it: what replaced it stands in another one.
        [as_left] = [one for one in rows_of(files, folder) if one["type"] == "policy"]
        assert (as_left["digest"], as_left["state"]) == (row.digest, "published")
        reasons = files[f"{folder}/texts.jsonl"].count(b"\n")
        assert reasons == len(told["sign_offs"])  # those of its drafts are for auditors
        assert f"log/proofs/{row.record_id}" in files
    assert b"Policies it was judged by" in files["index.html"]


def test_a_policy_that_comes_with_signet_is_told_without_a_chain_and_an_unknown_one_named(
    sealing: None,
) -> None:
    files = gathered(ordered(scenarios.requested(to=Stage.STAGING)))
    manifest = json.loads(files["pack.json"])
    [told] = manifest["policies"]
    assert (told["digest"], told["root"]) == (policies.shipped("starter").digest, "")
    assert files[f"{told['folder']}/policy.yaml"] == policies.shipped("starter").text.encode()
    assert len(manifest["chains"]) == 1
    assert of_policies.SHIPPED.encode() in files["index.html"]

    unknown = f"sha256:{'0' * 64}"
    with Contents() as contents:
        added = of_policies.add(contents, {unknown}, {})
        assert contents.files() == []
    assert added.listed == [
        {"digest": unknown, "folder": "", "root": "", "left_out": of_policies.UNKNOWN}
    ]
    assert added.section.rows == (("Not known here", unknown, of_policies.UNKNOWN, ""),)


def test_a_text_that_is_not_the_one_that_was_signed_is_in_no_pack(
    promotion: PromotionRequest, sealing: None
) -> None:
    row = PolicyVersion.objects.get()
    walk.overwrite(row, text=f"{row.text}\n# A remark nobody signed\n")
    failure = made(ordered(promotion)).failure
    assert failure == f"The stored text of {row} is not the one that was signed."
