"""Hashes and scans an artifact set as the two checks do, beside ``sha256sum`` over the same files.

Run by hand: ``python -m benchmarks.scanning --gigabytes 5``. The set is made of incompressible
bytes: safetensors, PyTorch and NumPy archives, pickles of arrays, and packed archives. Both checks
are carried out whole, each in its confined process. Goals: both together at 60 % of the speed of
``sha256sum`` or more, and less than 300 MB in a process.
"""

import argparse
import hashlib
import json
import os
import pickle
import resource
import struct
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from apps.catalog.manifest import manifest_digest
from apps.validation import confined
from apps.validation.checks import artifact_integrity, unsafe_code
from apps.validation.checks.contract import Check, silent
from apps.validation.checks.recorded import Record

PIECE = 2**20
FILE = 64 * PIECE
TENSOR = (
    b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nByteStorage\n"
    b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuJ%btQK\x00J%b\x85K\x01\x85\x89ccollections\n"
    b"OrderedDict\n)RtR."
)


@dataclass(frozen=True)
class Stored:
    """A file of the set, as a check sees it."""

    path: str
    place: Path
    sha256: str
    size: int
    kind: str = ""
    since: str = ""

    def open(self) -> BinaryIO:
        return self.place.open("rb")


@dataclass(frozen=True)
class Version:
    """A version that has these files and nothing else."""

    digest: str
    files: tuple[Stored, ...]
    signature: None = None
    input_example: None = None
    is_prompt: bool = False
    record: Record = field(default_factory=Record)
    champion: None = None
    lineage: tuple[()] = ()
    documents: tuple[()] = ()
    attached: tuple[()] = ()
    lists: dict[Any, Any] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--folder", type=Path, help="where to put the set for a while")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        version = _set(Path(folder), int(given.gigabytes * 2**30))
        size = sum(file.size for file in version.files)
        alone = _best(lambda: _sha256sum(version))
        print(f"{len(version.files)} files, {size / 2**30:.2f} GiB")
        alone.tell("sha256sum", size, alone)
        integrity = replace(
            artifact_integrity.CHECK,
            examine="apps.validation.checks.artifact_integrity:examine",
            is_confined=True,
        )
        hashed = _best(lambda: _carry_out(integrity, version))
        hashed.tell("artifact integrity", size, alone)
        scanned = _best(lambda: _carry_out(unsafe_code.CHECK, version))
        scanned.tell("unsafe code", size, alone)
        both = Taken(hashed.seconds + scanned.seconds, hashed.processor + scanned.processor)
        both.tell("both together", size, alone)
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        print(f"at most {most / 2**20:.0f} MiB a process")


@dataclass(frozen=True)
class Taken:
    """How long some work took, and how much of a processor's time."""

    seconds: float
    processor: float

    def tell(self, name: str, size: int, alone: "Taken") -> None:
        """Print the speed, and its share of another's; processor time is right on busy machines."""
        print(
            f"{name}: {size / 2**20 / self.seconds:.0f} MiB/s, "
            f"{alone.seconds / self.seconds:.0%} of sha256sum; "
            f"{self.processor:.2f} s of processor time, {alone.processor / self.processor:.0%}"
        )


def _best(work: Callable[[], None], times: int = 2) -> Taken:
    """Return what the faster run took; the first one also warms the cache of files."""
    taken = []
    for _ in range(times):
        began, spent = time.perf_counter(), _processor()
        work()
        taken.append(Taken(time.perf_counter() - began, _processor() - spent))
    return min(taken, key=lambda one: one.processor)


def _processor() -> float:
    """Return the processor time of this process and of those that have ended."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(who) for who in whose]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _sha256sum(version: Version) -> None:
    places = [str(file.place) for file in version.files]
    subprocess.run(["sha256sum", *places], check=True, stdout=subprocess.DEVNULL)


def _carry_out(check: Check, version: Version) -> None:
    outcome = confined.carry_out(check, version, silent, check.parameters())
    if not outcome.passed:
        raise RuntimeError(f"{check.name}: {outcome.summary} {outcome.problems[:3]}")


def _set(folder: Path, size: int) -> Version:
    """Write files of several kinds until there are enough bytes."""
    files: list[Stored] = []
    kinds = (_safetensors, _torch, _safetensors, _numpy, _safetensors, _pickle, _packed)
    while (left := size - sum(file.size for file in files)) > PIECE:
        write = kinds[len(files) % len(kinds)]
        pieces = max(1, min(left, FILE) // PIECE)
        place = folder / f"{len(files)}{write.__name__.replace('_', '.', 1)}"
        write(place, pieces)
        files.append(Stored(place.name, place, _digest(place), place.stat().st_size))
    return Version(manifest_digest(files), tuple(files))


def _noise(pieces: int) -> Iterator[bytes]:
    for _ in range(pieces):
        yield os.urandom(PIECE)


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _safetensors(place: Path, pieces: int) -> None:
    size = pieces * PIECE
    tensor = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = json.dumps({"weights": tensor}).encode()
    with place.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.writelines(_noise(pieces))


def _torch(place: Path, pieces: int) -> None:
    with zipfile.ZipFile(place, "w") as archive:
        size = struct.pack("<i", pieces * PIECE)
        archive.writestr("m/data.pkl", TENSOR.replace(b"%b", size))
        archive.writestr("m/version", b"3\n")
        _member(archive, "m/data/0", b"", pieces)


def _numpy(place: Path, pieces: int) -> None:
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({pieces * PIECE},), }}\n"
    begin = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    with zipfile.ZipFile(place, "w") as archive:
        _member(archive, "weights.npy", begin, pieces)


def _packed(place: Path, pieces: int) -> None:
    """Write a table in an archive; of letters in lines, since nobody packs noise."""
    with (
        zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("data.csv", "w", force_zip64=True) as member,
    ):
        member.write(b"feature\n")
        for piece in _noise(max(1, pieces // 4)):
            member.write(piece.hex("\n", 32).encode() + b"\n")


def _pickle(place: Path, pieces: int) -> None:
    with place.open("wb") as file:
        pickle.dump([bytes(piece) for piece in _noise(pieces)], file, 5)


def _member(archive: zipfile.ZipFile, name: str, begin: bytes, pieces: int) -> None:
    with archive.open(name, "w", force_zip64=True) as member:
        member.write(begin)
        member.writelines(_noise(pieces))


if __name__ == "__main__":
    main()
