"""Prompts are registered, named, loaded and found; MLflow 2 has fewer calls for it."""

from typing import Any

import mlflow
from mlflow import MlflowClient

from tests.clients.scripts.saying import IS_THREE, refusal_of, say

PROMPTS: Any = mlflow.genai if IS_THREE else mlflow
OF_PROMPTS = "tags.`mlflow.prompt.is_prompt` = 'true'"


def main() -> None:
    """Register two versions of a prompt beside a model, and say what is found."""
    client = MlflowClient()
    client.create_registered_model("iris")
    for text in ("Describe {{flower}}.", "Describe {{flower}} in one word."):
        PROMPTS.register_prompt("describe", text, commit_message="Shorter", tags={"team": "red"})
    PROMPTS.set_prompt_alias("describe", "live", 1)
    live = PROMPTS.load_prompt("prompts:/describe@live")
    newest = PROMPTS.load_prompt("prompts:/describe/2")
    talked = chat() if IS_THREE else []
    say(
        live=[int(live.version), live.template, live.format(flower="an iris")],
        newest=[int(newest.version), newest.template, newest.commit_message],
        changed=changed(client) if IS_THREE else [],
        models=[model.name for model in client.search_registered_models()],
        prompts=[model.name for model in client.search_registered_models(OF_PROMPTS)],
        searched=[prompt.name for prompt in mlflow.genai.search_prompts()] if IS_THREE else [],
        chat=talked,
    )


def changed(client: MlflowClient) -> list[str]:
    """Try to change what a prompt says; MLflow 2 has no call for it."""
    key = "mlflow.prompt.text"
    return refusal_of(client.set_prompt_version_tag, "describe", "1", key, "Say nothing.")


def chat() -> Any:
    """Register a conversation, which MLflow 3 knows, and load it."""
    turns = [{"role": "user", "content": "Describe {{flower}}."}]
    PROMPTS.register_prompt("talk", turns, response_format={"type": "object"})
    loaded = PROMPTS.load_prompt("prompts:/talk@latest")
    return [loaded.template, loaded.response_format]


if __name__ == "__main__":
    main()
