"""Stores static files under names that carry their digest, imported modules included."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Rewrites the imports of our own modules, so that a browser never mixes old with new."""

    support_js_module_import_aggregation = True
    # Only ours: scripts of packages name modules in comments that do not exist.
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        HashedFilesMixin._js_module_import_aggregation_patterns[1],  # type: ignore[attr-defined]
    )
