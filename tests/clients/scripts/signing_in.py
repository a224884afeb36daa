"""Signs in by a token, by a name with the token as password, and by what is refused."""

import os

from mlflow import MlflowClient

from tests.clients.scripts.saying import refusal_of, say

VARIABLES = ("TOKEN", "USERNAME", "PASSWORD")


def sign_in(**given: str) -> list[str]:
    """Ask for something with these variables only; return how that was refused."""
    for name in VARIABLES:
        os.environ.pop(f"MLFLOW_TRACKING_{name}", None)
    os.environ.update({f"MLFLOW_TRACKING_{name}": value for name, value in given.items()})
    return refusal_of(MlflowClient().search_registered_models)


def main() -> None:
    """Try each way once."""
    token, password = os.environ["GOOD_TOKEN"], os.environ["WEB_PASSWORD"]
    say(
        token=sign_in(TOKEN=token),
        password=sign_in(USERNAME="token", PASSWORD=token),
        own_name=sign_in(USERNAME="dev", PASSWORD=token),
        web_password=sign_in(USERNAME="dev", PASSWORD=password),
        password_as_token=sign_in(TOKEN=password),
        wrong_password_beside_token=sign_in(TOKEN=token, USERNAME="dev", PASSWORD=password),
        nothing=sign_in(),
    )


if __name__ == "__main__":
    main()
