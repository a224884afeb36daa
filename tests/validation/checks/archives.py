"""Archives that lie, overflow or hide something."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

from tests.validation.checks.hostile import payload


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an honest zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zip_link() -> bytes:
    """Return a zip archive with a symbolic link in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("link")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def overlapping() -> bytes:
    """Return a zip archive whose directory names the same bytes twice."""
    data = zipped({"a.txt": b"text"}, zipfile.ZIP_STORED)
    start = data.index(b"PK\x01\x02")
    entry = data[start : data.index(b"PK\x05\x06")]
    again = entry.replace(b"a.txt", b"b.txt")
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(entry) * 2, start, 0)
    return data[:start] + entry + again + end


def changed(data: bytes, mark: bytes, offset: int, value: bytes) -> bytes:
    """Return an archive with some bytes of one of its records changed."""
    at = data.index(mark) + offset
    return data[:at] + value + data[at + len(value) :]


def with_gap(hidden: bytes) -> bytes:
    """Return a zip archive with bytes between its member and its directory."""
    data = zipped({"a.txt": b"text"}, zipfile.ZIP_STORED)
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    moved = data[end : end + 16] + struct.pack("<L", start + len(hidden)) + data[end + 20 :]
    return data[:start] + hidden + data[start:end] + moved


def tarred(*entries: tuple[str, bytes, bytes], **options: int) -> bytes:
    """Return a tar archive of names, types and contents."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **options) as archive:  # type: ignore[call-overload]
        for name, kind, data in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, len(data), "../../outside"
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _nested(depth: int) -> bytes:
    data = b"text"
    for _ in range(depth):
        data = zipped({"inner.zip": data})
    return data


FILE = tarfile.REGTYPE
HONEST = zipped({"a.txt": b"text", "b/c.txt": b"more text" * 50})
STORED = zipped({"a.txt": b"text"}, zipfile.ZIP_STORED)
TAR = tarred(("a.txt", FILE, b"text"))

ARCHIVES: dict[str, tuple[bytes, str]] = {
    "torch, a payload as data.pkl": (
        zipped({"m/data.pkl": payload(2), "m/version": b"3\n"}),
        "forbidden_global",
    ),
    "torch, a payload under another name": (
        zipped({"m/data.pkl": b"\x80\x02N.", "m/data/0": payload(2), "m/version": b"3\n"}),
        "forbidden_global",
    ),
    "a zip in a zip": (zipped({"a.zip": zipped({"b.bin": payload()})}), "forbidden_global"),
    "a gzip in a zip": (zipped({"a": gzip.compress(payload())}), "forbidden_global"),
    "a zip in a tar in a gzip": (
        gzip.compress(tarred(("a", FILE, zipped({"b": payload()})))),
        "forbidden_global",
    ),
    "bzip2 inside": (zipped({"a": payload()}, zipfile.ZIP_BZIP2), "forbidden_global"),
    "lzma inside": (zipped({"a": payload()}, zipfile.ZIP_LZMA), "forbidden_global"),
    "too deep": (_nested(5), "too_large"),
    "an absolute name": (zipped({"/etc/passwd": b"x"}), "unsafe_name"),
    "a name that steps out": (zipped({"a/../../b": b"x"}), "unsafe_name"),
    "a name with backslashes": (zipped({"..\\b": b"x"}), "unsafe_name"),
    "a name with a drive": (zipped({"C:b": b"x"}), "unsafe_name"),
    "names alike": (zipped({"a.txt": b"x", "A.TXT": b"y"}), "duplicate_member"),
    "a link": (zip_link(), "link_or_device"),
    "shared bytes": (overlapping(), "overlapping_members"),
    "a lying encryption flag": (
        changed(changed(STORED, b"PK\x03\x04", 6, b"\x01"), b"PK\x01\x02", 8, b"\x01"),
        "encrypted_member",
    ),
    "a wrong checksum": (changed(STORED, b"PK\x01\x02", 16, b"\0\0\0\0"), "wrong_checksum"),
    "a wrong checksum, packed": (changed(HONEST, b"PK\x01\x02", 16, b"\0"), "wrong_checksum"),
    "a wrong size": (changed(HONEST, b"PK\x01\x02", 24, b"\xff"), "wrong_checksum"),
    "another name in the member": (changed(STORED, b"a.txt", 0, b"b"), "contradicting_archive"),
    "a member that is not there": (
        changed(STORED, b"PK\x01\x02", 42, b"\x05"),
        "unreadable_archive",
    ),
    "an unknown packing": (
        changed(changed(HONEST, b"PK\x03\x04", 8, b"\x63"), b"PK\x01\x02", 10, b"\x63"),
        "unreadable_archive",
    ),
    "damaged packed bytes": (changed(HONEST, b"b/c.txt", 7, b"\xff\xff"), "unreadable_archive"),
    "something in front": (payload(0) + HONEST, "hidden_data"),
    "a text in front": (b"just a text\n" + HONEST, "hidden_data"),
    "something behind": (HONEST + b"rubbish", "trailing_data"),
    "something between": (with_gap(payload()), "hidden_data"),
    "a member in the directory": (
        changed(STORED, b"PK\x01\x02", 20, b"\x09\0\0\0\x09"),
        "overlapping_members",
    ),
    "no end": (HONEST[:-30], "unreadable_archive"),
    "a directory that lies about its length": (
        changed(HONEST, b"PK\x05\x06", 8, b"\x03\0\x03"),
        "unreadable_archive",
    ),
    "a directory in another place": (
        changed(HONEST, b"PK\x05\x06", 16, b"\xff\xff"),
        "unreadable_archive",
    ),
    "several disks": (changed(HONEST, b"PK\x05\x06", 4, b"\x01"), "unreadable_archive"),
    "a damaged entry": (changed(HONEST, b"PK\x01\x02", 0, b"PKxx"), "unreadable_archive"),
    "a zip bomb": (zipped({"a": bytes(4_000_000)}), "unpacks_too_much"),
    "a gzip bomb": (gzip.compress(bytes(4_000_000)), "unpacks_too_much"),
    "a zlib bomb": (zlib.compress(bytes(4_000_000)), "unpacks_too_much"),
    "a tar with a payload": (tarred(("a", FILE, payload())), "forbidden_global"),
    "a tar with a link": (tarred(("a", tarfile.SYMTYPE, b"")), "link_or_device"),
    "a tar with a hard link": (tarred(("a", tarfile.LNKTYPE, b"")), "link_or_device"),
    "a tar with a device": (tarred(("a", tarfile.CHRTYPE, b"")), "link_or_device"),
    "a tar with a pipe": (tarred(("a", tarfile.FIFOTYPE, b"")), "link_or_device"),
    "a tar with an absolute name": (tarred(("/a", FILE, b"x")), "unsafe_name"),
    "a tar that steps out": (tarred(("../a", FILE, b"x")), "unsafe_name"),
    "a tar with a name twice": (tarred(("a", FILE, b"x"), ("a", FILE, b"y")), "duplicate_member"),
    "a tar with a tail": (TAR + b"rubbish", "trailing_data"),
    "a truncated tar": (tarred(("a", FILE, bytes(4000)))[:2000], "unreadable_archive"),
    "a damaged second header": (
        changed(tarred(("a", FILE, b"x"), ("b", FILE, b"y")), b"b\0", 148, b"999999"),
        "trailing_data",
    ),
    "a truncated bzip2": (b"BZh91AY&SY\0\0\0\0", "truncated"),
    "damaged xz": (b"\xfd7zXZ\x00rubbish that is no stream", "unreadable_archive"),
    "lz4": (b"\x04\x22\x4d\x18rubbish", "unknown_packing"),
    "7z": (b"7z\xbc\xaf\x27\x1crubbish", "unknown_packing"),
}
