"""Gathers a pack: every file as of one moment, with the front page first and the manifest last.

Governed rows change only with an entry of their chain. So the ends of the chains are read before
and after: while nobody added to them, everything between was read of one state.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.approvals import in_force, policy_queries
from apps.approvals.models import EvidencePack, PolicyVersion
from apps.approvals.packs import front, of_model, of_policies, scope
from apps.approvals.packs.chains import Head, heads_of
from apps.approvals.packs.contents import MANIFEST, Contents, json_of
from apps.approvals.packs.enclosed import Enclosed
from apps.approvals.packs.of_policies import Policies
from apps.approvals.packs.scope import OfModel, Orderer
from apps.approvals.packs.told import Told, ToldFile, ToldModel, ToldVerifying
from apps.audit.sealing import states
from apps.audit.verifier import standalone
from apps.catalog.models import RegisteredModel
from apps.core.digests import digest_of_bytes, utc_text
from apps.core.errors import RuleBroken

FORMAT = "signet-pack/1"
COMMAND = f"python3 {standalone.NAME} pack FILE --key KEY"
NOTES = (
    "The files of the models themselves are not in the pack: only their paths, sizes and digests.",
    "Files of evidence are named by their digests. Of one that is left out, pack.json says why.",
    "People are named where they signed; everywhere else by the ids of the record.",
    "Entries are exact to the byte. A reason that was erased is missing from texts.jsonl.",
    "Of the reasons given in the life of a policy, only those of its signatures are in the pack.",
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
    enacted = policy_queries.that_were_in_force().values_list("pk", flat=True)
    roots = [
        *(RegisteredModel.RECORD.ref(pk) for pk in models),
        *(PolicyVersion.RECORD.ref(pk) for pk in enacted),
    ]
    return heads_of(roots), in_force.policy().digest


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
        self.enclosed = Enclosed(contents, self._beat)
        self._progress = progress
        self._done, self._total = 0, 1 + sum(of_model.steps_of(of) for of in parts)
        self.as_of = max(pack.ordered_at, *(head.time for head in heads.values()))

    def made(self) -> Gathered:
        """Add all files and return the manifest."""
        told, digests = self._models()
        digests.add(in_force.policy_at(self.as_of).digest)
        policies = of_policies.add(self.contents, digests, self.heads)
        self.contents.add(standalone.NAME, standalone.text().encode())
        self.contents.add("README.txt", README.encode())
        self._front(told, policies)
        self._step()
        heads = (*map(self._head, self.parts), *policies.heads.values())
        return Gathered(self._manifest(policies), self.as_of, heads)

    def _head(self, of: OfModel) -> Head:
        return self.heads[of.model.record_ref]

    def _step(self) -> None:
        self._progress(self._done, self._total)
        self._done += 1

    def _beat(self) -> None:
        """Say that the work goes on, in the middle of a step."""
        self._progress(max(self._done - 1, 0), self._total)

    def _models(self) -> tuple[list[ToldModel], set[str]]:
        """Add the files of every model; return the policies it was judged by, too."""
        orderer = Orderer.of(self.pack)
        told, policies = [], set[str]()
        for of in self.parts:
            model, judged_by = of_model.add(
                self.contents,
                of,
                self._head(of).read(),
                self.enclosed,
                as_of=self.as_of,
                orderer=orderer,
                step=self._step,
            )
            told.append(model)
            policies |= judged_by
        return told, policies

    def _front(self, models: list[ToldModel], policies: Policies) -> None:
        told = Told(
            id=self.pack.record_id,
            kind=self.pack.kind,
            subject=self.pack.title,
            organization="",
            as_of=self.as_of,
            ordered_by=self.pack.ordered_by.record_id,
            purpose=self.pack.purpose,
            models=tuple(models),
            sections=(policies.section,),
            verifying=ToldVerifying(COMMAND, states.origin(), ()),
            files=tuple(self.contents.files()),
            notes=NOTES,
        )
        self.contents.add("index.html", front.front_page(told))
        self.contents.add("summary.pdf", front.front_pdf(told))

    def _manifest(self, policies: Policies) -> bytes:
        pack = self.pack
        chains = [self._head(of).told(of.folder) for of in self.parts]
        chains += [head.told(folder) for folder, head in policies.heads.items()]
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
                "chains": chains,
                "policies": policies.listed,
                "evidence": self.enclosed.listed(),
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
