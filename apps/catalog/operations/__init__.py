"""What people can do with models, versions, aliases, tags, duties and files."""

from apps.catalog.operations.downloads import DOWNLOAD, Download, download
from apps.catalog.operations.duties import (
    END_DUTY,
    END_OVERSIGHT_DUTY,
    GRANT_DUTY,
    GRANT_OVERSIGHT_DUTY,
    end_model_duty,
    grant_model_duty,
)
from apps.catalog.operations.labels import (
    DELETE_MODEL_TAG,
    DELETE_VERSION_TAG,
    REMOVE_ALIAS,
    SET_ALIAS,
    SET_MODEL_TAG,
    SET_VERSION_TAG,
    delete_model_tag,
    delete_version_tag,
    remove_alias,
    set_alias,
    set_model_tag,
    set_version_tag,
)
from apps.catalog.operations.registering import (
    DESCRIBE_MODEL,
    REGISTER_MODEL,
    NameTaken,
    describe_model,
    register_model,
)
from apps.catalog.operations.versions import REGISTER_VERSION, register_version

__all__ = [
    "DELETE_MODEL_TAG",
    "DELETE_VERSION_TAG",
    "DESCRIBE_MODEL",
    "DOWNLOAD",
    "END_DUTY",
    "END_OVERSIGHT_DUTY",
    "GRANT_DUTY",
    "GRANT_OVERSIGHT_DUTY",
    "REGISTER_MODEL",
    "REGISTER_VERSION",
    "REMOVE_ALIAS",
    "SET_ALIAS",
    "SET_MODEL_TAG",
    "SET_VERSION_TAG",
    "Download",
    "NameTaken",
    "delete_model_tag",
    "delete_version_tag",
    "describe_model",
    "download",
    "end_model_duty",
    "grant_model_duty",
    "register_model",
    "register_version",
    "remove_alias",
    "set_alias",
    "set_model_tag",
    "set_version_tag",
]
