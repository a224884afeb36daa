"""Many threads register versions and move an alias at the same moment."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from mlflow import MlflowClient

from tests.clients.scripts.saying import refusal_of, say


def main(threads: int, rounds: int) -> None:
    """Let every thread do the same at once, again and again, and say what came of it."""
    client, together = MlflowClient(), Barrier(threads)
    run_id = client.create_run("0").info.run_id
    client.log_text(run_id, "flavors: {}\n", "model/MLmodel")

    def create(_: int) -> list[str]:
        together.wait()
        return refusal_of(client.create_registered_model, "crowded")

    def register(_: int) -> list[int]:
        together.wait()
        return [
            int(client.create_model_version("crowded", f"runs:/{run_id}/model", run_id).version)
            for _ in range(rounds)
        ]

    def move(number: int) -> None:
        together.wait()
        for turn in range(rounds):
            wanted = str(number * rounds + turn + 1)
            client.set_registered_model_alias("crowded", "best", wanted)

    with ThreadPoolExecutor(threads) as pool:
        created = list(pool.map(create, range(threads)))
        numbers = [number for own in pool.map(register, range(threads)) for number in own]
        list(pool.map(move, range(threads)))
    say(
        refused=[refusal[0] for refusal in created if refusal],
        numbers=numbers,
        alias=int(client.get_model_version_by_alias("crowded", "best").version),
        aliases=client.get_registered_model("crowded").aliases,
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
