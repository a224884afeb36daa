"""Gathers a pack: every file as of one moment, with the front page first and the manifest last.

Governed rows change only with an entry of their chain. So the ends of the chains are read before
and after: while nobody added to them, everything between was read of one state.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.actors import actor_for
from apps.approvals import in_force
from apps.approvals.models import EvidencePack, PolicySignOff, PolicyVersion
from apps.approvals.packs import front, of_model, scope
from apps.approvals.packs.chains import Head, heads_of
from apps.approvals.packs.contents import MANIFEST, Contents, json_of
from apps.approvals.packs.of_request import ToldRequest
from apps.approvals.packs.rows import record_of, signature_of
from apps.approvals.packs.scope import OfModel
from apps.approvals.packs.told import Told, ToldFile, ToldModel, ToldVerifying
from apps.approvals.policies import Policy
from apps.audit.sealing import states
from apps.audit.verifier import standalone
from apps.catalog import lineage
from apps.catalog.models import RegisteredModel
from apps.core.actors import Door
from apps.core.digests import digest_of_bytes, utc_text
from apps.core.errors import RuleBroken

FORMAT = "signet-pack/1"
COMMAND = f"python3 {standalone.NAME} pack FILE --key KEY"
NOTES = (
    "The files of the models themselves are not in the pack: only their paths, sizes and digests.",
    "People are named where they signed; everywhere else by the ids of the record.",
    "Entries are exact to the byte. A reason that was erased is missing from texts.jsonl.",
)
README = f"""Evidence pack of a model registry (Signet)

Read index.html first, or print summary.pdf. To check the pack with Python 3.9 and nothing else:

    {COMMAND}

FILE is the pack, or the folder it was unpacked to. KEY is the key of the log, as the organization
published it: a key that comes with what it signs proves nothing. Take {standalone.NAME} from
a place you trust, if you have one; the one in this pack says what this pack says.

pack.json names every file with its size and SHA-256. Its own digest stands in the last entry of
log/pack.jsonl, which the signed checkpoint in log/checkpoint covers.
"""
_TRIES = 5

Progress = Callable[[int, int], None]


class Moving(RuleBroken):
    """The models kept changing while their pack was made."""

    code = "moving"


@dataclass(frozen=True)
class Gathered:
    """The manifest of a pack, as of when it is, and how far the chains go that it tells of."""

    manifest: bytes
    as_of: datetime
    heads: Sequence[Head]

    @property
    def digest(self) -> str:
        return digest_of_bytes(self.manifest)


def gather(pack: EvidencePack, contents: Contents, progress: Progress) -> Gathered:
    """Add every file of a pack but those of the log, and return what they amount to.

    Raises:
        Moving: when entries kept being added meanwhile.
        RuleBroken: when there is nothing to tell of, or too much.
    """
    for _ in range(_TRIES):
        before = _state_of(pack)
        parts = scope.of_pack(pack)
        if not parts:
            raise RuleBroken("What this pack is of was deleted.")
        made = _Making(pack, parts, before[0], contents, progress).made()
        if before == _state_of(pack):
            return made
        contents.clear()
    raise Moving("The models kept changing while their pack was made. Order it once more.")


def _state_of(pack: EvidencePack) -> tuple[Mapping[str, Head], str]:
    """Return what moves when anything that is gathered changes: ends of chains, and the policy."""
    models = pack.of_models.values_list("model_id", flat=True)
    return heads_of([RegisteredModel.RECORD.ref(pk) for pk in models]), in_force.policy().digest


class _Making:
    """One attempt at the files of a pack."""

    def __init__(
        self,
        pack: EvidencePack,
        parts: list[OfModel],
        heads: Mapping[str, Head],
        contents: Contents,
        progress: Progress,
    ) -> None:
        self.pack, self.parts, self.heads, self.contents = pack, parts, heads, contents
        self._progress = progress
        self._done, self._total = 0, 1 + sum(of_model.steps_of(of) for of in parts)
        self.as_of = max(pack.ordered_at, *(head.time for head in heads.values()))

    def made(self) -> Gathered:
        """Add all files and return the manifest."""
        told, requests = self._models()
        self._policies(requests)
        self.contents.add(standalone.NAME, standalone.text().encode())
        self.contents.add("README.txt", README.encode())
        self._front(told)
        self._step()
        return Gathered(self._manifest(), self.as_of, tuple(map(self._head, self.parts)))

    def _head(self, of: OfModel) -> Head:
        return self.heads[of.model.record_ref]

    def _step(self) -> None:
        self._progress(self._done, self._total)
        self._done += 1

    def _models(self) -> tuple[list[ToldModel], list[ToldRequest]]:
        orderer = actor_for(self.pack.ordered_by, door=Door.WORKER)
        shows_assets = lineage.sees_assets(orderer)
        told, requests = [], []
        for of in self.parts:
            model, decided = of_model.add(
                self.contents,
                of,
                self._head(of).read(),
                as_of=self.as_of,
                shows_assets=shows_assets,
                step=self._step,
            )
            told.append(model)
            requests += decided
        return told, requests

    def _policies(self, requests: list[ToldRequest]) -> None:
        """Add the policy in force, and those the requests were judged by, each as it was signed."""
        found = {in_force.policy_at(self.as_of).digest: in_force.policy_at(self.as_of)}
        found |= {one.policy.digest: one.policy for one in requests}
        for digest in sorted(found):
            policy = found[digest]
            short = digest.removeprefix("sha256:")[:8]  # two may go by one number
            folder = f"policies/{policy.id}-{policy.version}-{short}"
            self.contents.add(f"{folder}/policy.yaml", policy.text.encode())
            self.contents.add_json(f"{folder}/policy.json", _policy(policy, self.contents, folder))

    def _front(self, models: list[ToldModel]) -> None:
        told = Told(
            id=self.pack.record_id,
            kind=self.pack.kind,
            subject=self.pack.title,
            organization="",
            as_of=self.as_of,
            ordered_by=self.pack.ordered_by.record_id,
            purpose=self.pack.purpose,
            models=tuple(models),
            verifying=ToldVerifying(COMMAND, states.origin(), ()),
            files=tuple(self.contents.files()),
            notes=NOTES,
        )
        self.contents.add("index.html", front.front_page(told))
        self.contents.add("summary.pdf", front.front_pdf(told))

    def _manifest(self) -> bytes:
        pack = self.pack
        return json_of(
            {
                "format": FORMAT,
                "pack": pack.record_id,
                "kind": pack.kind,
                "subject": pack.title,
                "of": sorted(_subjects(self.parts, pack)),
                "ordered_at": utc_text(pack.ordered_at),
                "ordered_by": pack.ordered_by.record_id,
                "as_of": utc_text(self.as_of),
                "log": states.origin(),
                "check": COMMAND,
                "notes": NOTES,
                "chains": [self._head(of).told(of.folder) for of in self.parts],
                "files": [_file(one) for one in self.contents.files()],
            }
        )


def _subjects(parts: list[OfModel], pack: EvidencePack) -> Iterator[str]:
    for of in parts:
        if of.model.pk in pack.model_ids:
            yield of.model.record_id
        yield from (one.record_id for one in of.versions if one.pk in pack.version_ids)
        yield from (one.record_id for one in of.requests if one.pk in pack.request_ids)


def _file(told: ToldFile) -> dict[str, object]:
    assert told.path != MANIFEST
    return {"path": told.path, "size": told.size, "sha256": told.sha256}


def _policy(policy: Policy, contents: Contents, folder: str) -> dict[str, object]:
    """Return what a policy is, and who signed it; the one that is shipped was signed by nobody."""
    kept = (
        PolicyVersion.objects.filter(digest=policy.digest, published_at__isnull=False)
        .order_by("-published_at", "-pk")
        .first()
    )
    signed = PolicySignOff.objects.filter(policy=kept).select_related("signer").order_by("pk")
    told = []
    for one in signed if kept else ():
        told.append(signature_of(one, folder))
        contents.add(told[-1]["statement_file"], one.statement.encode())
    return {
        "id": policy.id,
        "number": policy.version,
        "title": policy.title,
        "digest": policy.digest,
        "published": record_of(kept) if kept else None,
        "sign_offs": told,
    }
