"""The files about one version: what it is made of, was checked, written, waived and decided."""

import json
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from apps.approvals.models import Authorization, PromotionRequest, Waiver
from apps.approvals.packs import of_evidence, of_papers, of_request
from apps.approvals.packs.chains import Chain
from apps.approvals.packs.contents import Contents
from apps.approvals.packs.of_evidence import OfEvidence
from apps.approvals.packs.of_request import ToldRequest
from apps.approvals.packs.rows import record_of, signature_of
from apps.approvals.packs.scope import OfModel
from apps.approvals.packs.told import ToldFact, ToldSection, ToldVersion
from apps.catalog.exports import bill, card
from apps.catalog.lifecycle import Stage
from apps.catalog.models import LineageEdge, ModelVersion
from apps.core.formats import moment

_SAID = (
    "description",
    "source",
    "signature",
    "framework",
    "flavors",
    "python_version",
    "packages",
    "code_repository",
    "code_commit",
    "code_is_dirty",
    "container_digest",
    "file_count",
    "byte_count",
    "created_at",
    "ready_at",
)


def add(
    contents: Contents,
    version: ModelVersion,
    of: OfModel,
    chain: Chain,
    evidence: OfEvidence,
    *,
    as_of: datetime,
    shows_assets: bool,
) -> tuple[ToldVersion, list[ToldRequest]]:
    """Add the files about a version, and return what the front page says of it."""
    folder = of.folder_of(version)
    _facts(contents, version, folder)
    sections = [
        _files(contents, version, folder),
        *of_evidence.add(contents, version, evidence, folder),
        of_papers.add_documents(contents, version.documents.order_by("pk"), folder),
        _waivers(contents, version, of, folder),
        _lineage(contents, version, folder, shows_assets=shows_assets),
    ]
    requests = [
        of_request.add(contents, one, chain, folder, as_of) for one in of.requests_of(version)
    ]
    judged = [one for one in requests if one.conditions]
    authorized = _authorizations(contents, version, folder, as_of)
    return (
        ToldVersion(
            model=version.model.shown_title,
            number=version.number,
            stage=version.get_stage_display(),
            folder=folder,
            facts=tuple(_told(version)),
            gate=judged[-1].gate if judged else "",
            sign_offs=tuple(signed for one in requests for signed in one.sign_offs),
            conditions=judged[-1].conditions if judged else (),
            sections=tuple(one for one in sections if one is not None),
            is_approved=authorized or _was_let_through(version, requests),
            policy=_named(judged[-1]) if judged else "",
        ),
        requests,
    )


def _authorizations(
    contents: Contents, version: ModelVersion, folder: str, as_of: datetime
) -> bool:
    """Add what authorized a version for production; say whether something does as of the pack."""
    found = list(Authorization.objects.filter(version=version).order_by("pk"))
    contents.add_json(f"{folder}/authorizations.json", [record_of(one) for one in found])
    return version.stage == Stage.PRODUCTION and any(one.holds(as_of) for one in found)


def _was_let_through(version: ModelVersion, requests: list[ToldRequest]) -> bool:
    """Say whether a version that is not in production was promoted to where it is."""
    promoted = PromotionRequest.State.PROMOTED
    return version.stage != Stage.PRODUCTION and any(
        one.request.state == promoted and one.request.target == version.stage for one in requests
    )


def _named(judged: ToldRequest) -> str:
    return f"{judged.policy.title} {judged.policy.version}"


def _facts(contents: Contents, version: ModelVersion, folder: str) -> None:
    told = record_of(version) | {name: getattr(version, name) for name in _SAID}
    contents.add_json(f"{folder}/version.json", told)
    made = bill.bill_of_materials(version)
    # The bill names who registered the version; a pack names people only where they signed.
    made["metadata"]["component"].pop("authors", None)
    text = json.dumps(made, indent=2, ensure_ascii=False)
    contents.add(f"{folder}/bill-of-materials.cdx.json", text.encode())
    contents.add(f"{folder}/model-card.md", card.model_card(version).encode())


def _told(version: ModelVersion) -> Iterator[ToldFact]:
    yield ToldFact("Digest of the content", version.content_digest)
    yield ToldFact("Registered", moment(version.created_at, "full"))
    if version.authorized_at:
        yield ToldFact("First in production", moment(version.authorized_at, "full"))
    yield ToldFact("Files", f"{version.file_count}, {version.byte_count:,} bytes")
    if version.framework:
        yield ToldFact("Framework", version.framework)
    if version.code_commit:
        yield ToldFact("Code", f"{version.code_repository} {version.code_commit}".strip())


def _files(contents: Contents, version: ModelVersion, folder: str) -> ToldSection:
    found = version.files.select_related("artifact").order_by("path", "pk")
    told = [
        {"path": one.path, "size": one.artifact.size, "sha256": one.artifact.sha256}
        for one in found
    ]
    return ToldSection(
        "Files of the version",
        paragraphs=("The files themselves are not in the pack: only their paths and digests.",),
        files=(contents.add_json(f"{folder}/files.json", told),),
    )


def _waivers(
    contents: Contents, version: ModelVersion, of: OfModel, folder: str
) -> ToldSection | None:
    told, rows = [], []
    for waiver in Waiver.objects.filter(version=version).order_by("pk"):
        signed = waiver.sign_offs.select_related("signer").order_by("pk")
        told.append(
            record_of(waiver) | {"sign_offs": [signature_of(one, of.folder) for one in signed]}
        )
        rows.append(
            (
                waiver.condition,
                waiver.get_state_display(),
                waiver.ends_on.isoformat(),
                waiver.reason,
            )
        )
    if not rows:
        return None
    return ToldSection(
        "Waivers",
        columns=("Condition", "State", "Last day", "Reason"),
        rows=tuple(rows),
        files=(contents.add_json(f"{folder}/waivers.json", told),),
    )


def _lineage(
    contents: Contents, version: ModelVersion, folder: str, *, shows_assets: bool
) -> ToldSection | None:
    edges = LineageEdge.objects.filter(Q(target_version=version) | Q(origin_version=version))
    told, rows = [], []
    for edge in edges.select_related("origin_asset", "target_asset").order_by("pk"):
        assets = [one for one in (edge.origin_asset, edge.target_asset) if one and shows_assets]
        told.append(record_of(edge) | {"assets": [record_of(one) for one in assets]})
        way = "from" if edge.target_version_id == version.pk else "to"
        named = ", ".join(f"{one.get_kind_display()} {one}" for one in assets)
        rows.append((edge.get_relation_display(), way, named or _other(edge, version)))
    if not rows:
        return None
    return ToldSection(
        "Lineage",
        columns=("Relation", "Way", "What"),
        rows=tuple(rows),
        files=(contents.add_json(f"{folder}/lineage.json", told),),
    )


def _other(edge: LineageEdge, version: ModelVersion) -> str:
    """Return the id of the other end, which a reader of the pack may not be allowed to see."""
    told = record_of(edge)
    ends = [told[f"{end}_{kind}"] for end in ("origin", "target") for kind in ("asset", "version")]
    return next((str(one) for one in ends if one and one != version.record_id), "")
