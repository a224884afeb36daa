"""What all answers have in common."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Something the API says."""

    model_config = ConfigDict(frozen=True)
