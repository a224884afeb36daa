"""What an event of a run added to lineage."""

from apps.api.v1.answers.base import Answer
from apps.catalog.operations import Observed


class LeftOutLink(Answer):
    """A link an event told of that is not recorded, with why."""

    origin: str
    target: str
    relation: str
    why: str


class ObservedAnswer(Answer):
    """How many assets and edges are new, or observed for the first time, and what is left out."""

    assets: int
    edges: int
    left_out: list[LeftOutLink]

    @classmethod
    def of(cls, observed: Observed) -> "ObservedAnswer":
        return cls(
            assets=observed.assets,
            edges=observed.edges,
            left_out=[
                LeftOutLink(
                    origin=one.origin, target=one.target, relation=one.relation, why=one.why
                )
                for one in observed.left_out
            ],
        )
