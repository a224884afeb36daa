"""Artifact integrity: the store still holds exactly what the manifest says."""

import hashlib
import hmac

from apps.catalog.manifest import manifest_digest
from apps.validation.checks.contract import (
    NONE,
    Check,
    ExaminedFile,
    ExaminedVersion,
    Outcome,
    Parameters,
    Problem,
    Progress,
    Severity,
    counted,
    silent,
)

PIECE = 1024 * 1024
PIECES_BETWEEN_BEATS = 64

RESTORE = "Restore the file from a second copy, or register the version again from its source."


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: Parameters = NONE
) -> Outcome:
    """Read every file again; compare it with its record, and the record with the digest."""
    problems: list[Problem] = []
    read = 0
    for file in version.files:
        progress(file.path)
        digest, size, problem = _look_at(file, progress)
        read += size
        if problem is None:
            problem = _compared(file, digest, size)
        if problem is not None:
            problems.append(problem)
    digest = manifest_digest(version.files)
    problems += _about_the_whole(version, digest)
    return Outcome(
        summary=_summary(len(version.files), len(problems)),
        problems=tuple(problems),
        facts={"files": len(version.files), "bytes": read, "manifest_digest": digest},
    )


def _look_at(file: ExaminedFile, progress: Progress) -> tuple[str, int, Problem | None]:
    try:
        digest, size = _digest_of(file, progress)
    except FileNotFoundError:
        return "", 0, _problem("missing_file", file, "The store does not hold this file any more.")
    except OSError as error:
        text = f"The store could not read this file to its end ({type(error).__name__})."
        return "", 0, _problem("unreadable_file", file, text)
    return digest, size, None


def _digest_of(file: ExaminedFile, progress: Progress) -> tuple[str, int]:
    hashed = hashlib.sha256()
    size = pieces = 0
    with file.open() as stream:
        while piece := stream.read(PIECE):
            hashed.update(piece)
            size += len(piece)
            pieces += 1
            if pieces % PIECES_BETWEEN_BEATS == 0:
                progress(file.path)
    return hashed.hexdigest(), size


def _compared(file: ExaminedFile, digest: str, size: int) -> Problem | None:
    if size != file.size:
        text = f"The record says {file.size} bytes, the store holds {size}."
        return _problem("wrong_size", file, text)
    if not hmac.compare_digest(digest.encode(), file.sha256.encode()):
        text = f"The record says sha256 {file.sha256:.64}, the stored bytes have {digest}."
        return _problem("wrong_digest", file, text)
    return None


def _about_the_whole(version: ExaminedVersion, digest: str) -> list[Problem]:
    if not version.files:
        return [
            Problem(
                code="no_files",
                severity=Severity.HIGH,
                place="version",
                text="The version holds no file, so there is nothing whose integrity can be shown.",
                remedy="Register the model again with its files.",
            )
        ]
    if digest != version.digest:
        return [
            Problem(
                code="wrong_manifest",
                severity=Severity.CRITICAL,
                place="version",
                text=f"The version is recorded as {version.digest}, its files add up to {digest}.",
                remedy="Treat the record as damaged: compare it with the audit trail and a backup.",
            )
        ]
    return []


def _problem(code: str, file: ExaminedFile, text: str) -> Problem:
    return Problem(code, Severity.CRITICAL, file.path, text, RESTORE)


def _summary(files: int, problems: int) -> str:
    if problems:
        return f"{counted(problems, 'problem')} with {counted(files, 'stored file')}."
    return f"{counted(files, 'file')} read again: sizes, digests and manifest agree."


CHECK = Check(
    name="artifact-integrity",
    title="Artifact integrity",
    sentence="Reads every file again from the store and compares size, digest and manifest.",
    examine=examine,
    version="1",
    formats=("every file",),
    at_registration=True,
    seconds=3600,
)
