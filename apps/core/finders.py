"""Serves fonts from the installed font packages, so that none is committed."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

FONTS = {
    "fonts/Inter.ttf": ("fontpkg_inter", "files/Inter[opsz,wght].ttf"),
    "fonts/JetBrainsMono.ttf": ("fontpkg_jetbrains_mono", "files/JetBrainsMono[wght].ttf"),
}


class FontStorage(FileSystemStorage):
    """Gives the font files of installed packages plain names."""

    def path(self, name: str) -> str:
        """Return where the font of that name lies."""
        package, inside = FONTS[name]
        return str(Path(str(files(package))) / inside)


class PackageFilesFinder(BaseFinder):
    """Finds the fonts of the design among the installed packages."""

    storage = FontStorage()

    def check(self, **kwargs: Any) -> list[Any]:
        """Accept any settings: there are none to check."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return where a font lies, in a list when all are asked for."""
        found = [self.storage.path(path)] if path in FONTS else []
        return found if find_all else next(iter(found), [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Yield every font with the storage it is read from."""
        for name in FONTS:
            yield name, self.storage
