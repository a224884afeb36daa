"""A repository is the same one however its address is written, and nothing else is."""

import pytest

from apps.core.inputs import InputRefused
from apps.integrations.statuses import repositories

WRITTEN = (
    "github.com/acme/models",
    "https://github.com/acme/models",
    "https://github.com/acme/models.git",
    "https://github.com/acme/models/",
    "https://user:secret@github.com/acme/models.git",
    "https://GitHub.com:443/Acme/Models",
    "http://github.com/acme/models#subdirectory",
    "git+https://github.com/acme/models.git",
    "ssh://git@github.com:22/acme/models.git",
    "git@github.com:acme/models.git",
    "git://github.com/acme/models",
    " github.com/acme/models ",
)
OTHER = (
    "https://github.com/acme/models2",
    "https://github.com/acme/models/tree/main",
    "https://github.com.evil.example/acme/models",
    "https://evil.example/github.com/acme/models",
    "https://github.com@evil.example/acme/models",
    "https://gitlab.com/acme/models",
)
NONE = (
    "",
    "models",
    "/srv/code/models",
    "C:\\code\\models",
    "file:///srv/models",
    "localhost/acme/models",
    "https://github.com",
    "https://github.com//models",
    "https://github.com/acme/../models",
    "https://github.com/acme/mo dels",
    "https://github.com/acme/%2e%2e",
    "https://github.com/acme/models?a=1",
)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_repository_is_known_however_it_is_written(text: str) -> None:
    found = repositories.read_or_none(text)
    assert found is not None
    assert found.is_same_as(repositories.require("github.com/acme/models", depth=range(2, 3)))


@pytest.mark.parametrize("text", OTHER)
def test_what_only_looks_alike_is_another_repository(text: str) -> None:
    found = repositories.read_or_none(text)
    assert found is not None
    assert not found.is_same_as(repositories.require("github.com/acme/models", depth=range(2, 3)))


@pytest.mark.parametrize("text", NONE)
def test_what_names_no_repository_is_none(text: str) -> None:
    assert repositories.read_or_none(text) is None
    with pytest.raises(InputRefused, match="named as"):
        repositories.require(text, depth=range(1, 9))


def test_a_path_is_written_in_parts_or_in_one() -> None:
    found = repositories.require("gitlab.com/group/sub/models", depth=range(2, 21))
    assert str(found) == "gitlab.com/group/sub/models"
    assert found.path == "group/sub/models"
    assert found.path_in_one == "group%2Fsub%2Fmodels"
