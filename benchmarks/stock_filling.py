"""Fills the database of a stock MLflow server: run by the Python of its own environment."""

import sys
import time

from mlflow.store.db.utils import _initialize_tables, create_sqlalchemy_engine
from mlflow.store.model_registry.dbmodels.models import (
    SqlModelVersion,
    SqlModelVersionTag,
    SqlRegisteredModel,
    SqlRegisteredModelAlias,
    SqlRegisteredModelTag,
)
from sqlalchemy import text
from sqlalchemy.orm import Session

VERSIONS, BIG, MANY = 10, "big", 10_000
SPACE = "default"


def main(uri: str, models: int) -> None:
    engine = create_sqlalchemy_engine(uri)
    _initialize_tables(engine)
    now = int(time.time() * 1000)
    names = [*(f"model-{n:05}" for n in range(models)), BIG]
    with Session(engine) as session:
        session.bulk_insert_mappings(
            SqlRegisteredModel,
            [
                {
                    "workspace": SPACE,
                    "name": name,
                    "creation_time": now,
                    "last_updated_time": now + place,
                    "description": "",
                }
                for place, name in enumerate(names)
            ],
        )
        session.bulk_insert_mappings(
            SqlRegisteredModelTag,
            [{"workspace": SPACE, "name": name, "key": "team", "value": "risk"} for name in names],
        )
        versions, tags, place = [], [], 0
        for name in names:
            for number in range(1, 1 + (MANY if name == BIG else VERSIONS)):
                place += 1
                of = {"workspace": SPACE, "name": name, "version": number}
                versions.append(
                    {
                        **of,
                        "creation_time": now,
                        "last_updated_time": now,
                        "description": "",
                        "current_stage": "None",
                        "source": "s3://elsewhere/model",
                        "storage_location": "s3://elsewhere/model",
                        "status": "READY",
                    }
                )
                tags.append({**of, "key": "number", "value": str(number)})
                if place % 200 == 0:
                    tags.append({**of, "key": "rare", "value": "yes"})
        session.bulk_insert_mappings(SqlModelVersion, versions)
        session.bulk_insert_mappings(SqlModelVersionTag, tags)
        session.bulk_insert_mappings(
            SqlRegisteredModelAlias,
            [
                {"workspace": SPACE, "name": name, "alias": "challenger", "version": 1}
                for name in names
            ],
        )
        if engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
        session.commit()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
