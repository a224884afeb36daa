"""Archives are read member by member, within limits, and never believed."""

import gzip
import io
import lzma
import random
import tarfile
import zipfile
import zlib
from dataclasses import replace

import pytest

from apps.validation.checks.unsafe_code.examining import LIMITS
from tests.validation.checks.archives import ARCHIVES, FILE, HONEST, TAR, tarred, zipped
from tests.validation.checks.hostile import payload
from tests.validation.checks.stored import codes, grave_codes, scanned

SMALL = replace(LIMITS, held=512 * 1024)


def noise(size: int) -> bytes:
    """Return a text that hardly packs, so that no limit on ratios is met."""
    return bytes(random.Random(7).choices(b"abcdefghijklmnopqrstuvwxyz \n", k=size))


LONG = b"X" + (900_000).to_bytes(4, "little") + noise(900_000) + b"0"
"""Operations that push a long text and drop it again."""


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_fails_the_check(name: str) -> None:
    data, code = ARCHIVES[name]

    outcome = scanned(data, "model.dat")

    assert not outcome.passed
    assert code in grave_codes(outcome)


@pytest.mark.parametrize("flag", [b"\x01", b"\x41"])
def test_a_member_is_looked_into_even_if_it_says_it_is_encrypted(flag: bytes) -> None:
    data = zipped({"a": payload()}, zipfile.ZIP_STORED)
    at = data.index(b"PK\x01\x02") + 8
    lying = data[:6] + flag + data[7:at] + flag + data[at + 1 :]

    assert {"encrypted_member", "forbidden_global"} <= codes(scanned(lying))


def test_the_place_names_every_layer() -> None:
    outcome = scanned(zipped({"in/a.zip": zipped({"b.pkl": b"cos\nsystem\n)R."})}), "model.zip")

    assert [problem.place for problem in outcome.problems] == ["model.zip!in/a.zip!b.pkl, byte 0"]


def test_a_damaged_member_does_not_hide_the_others() -> None:
    damaged = zipped({"a": b"text" * 100, "b": payload()})
    at = damaged.index(b"a", 30) + 1

    outcome = scanned(damaged[:at] + b"\xff\xff" + damaged[at + 2 :])

    assert {"unreadable_archive", "forbidden_global"} <= codes(outcome)


@pytest.mark.parametrize(
    "data",
    [
        HONEST,
        TAR,
        zipped({}),
        zipped({"folder/": b"", "folder/a.txt": b"text"}),
        gzip.compress(HONEST),
        gzip.compress(b"one text, ") + gzip.compress(b"and another"),
        lzma.compress(b"text"),
        lzma.compress(b"text", lzma.FORMAT_ALONE),
        tarred(("a.txt", FILE, b"x"), format=tarfile.PAX_FORMAT),
        tarred(("a" * 150 + ".txt", FILE, b"x"), format=tarfile.GNU_FORMAT),
        tarred(("folder", tarfile.DIRTYPE, b""), ("é" * 80, FILE, b"x")),
        zlib.compress(b"text " * 1000),
    ],
    ids=lambda data: f"{len(data)} bytes",  # its bytes hold the time, and so would its name
)
def test_an_honest_archive_passes(data: bytes) -> None:
    assert codes(scanned(data, "model.dat")) == set()


def test_a_zip_written_to_a_pipe_passes() -> None:
    """Checksums then follow the members instead of preceding them."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"text")
        with archive.open("b.txt", "w", force_zip64=True) as member:
            member.write(b"more")

    assert codes(scanned(pipe.data)) == set()


def test_a_zip_with_large_fields_passes() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as a:
        a.write(b"text")
    data = buffer.getvalue()
    end = data.index(b"PK\x05\x06")
    start = data.index(b"PK\x01\x02")
    record = (
        b"PK\x06\x06"
        + (44).to_bytes(8, "little")
        + b"\x2d\x00\x2d\x00"
        + bytes(8)
        + (1).to_bytes(8, "little") * 2
        + (end - start).to_bytes(8, "little")
        + start.to_bytes(8, "little")
    )
    locator = b"PK\x06\x07" + bytes(4) + end.to_bytes(8, "little") + b"\x01\0\0\0"
    large = data[:end] + record + locator + data[end:]

    assert codes(scanned(large)) == set()
    assert "unreadable_archive" in codes(scanned(large.replace(b"PK\x06\x06", b"PKxx")))


def test_too_many_members_are_a_problem() -> None:
    many = zipped({f"{number}.txt": b"" for number in range(30)})

    assert codes(scanned(many, limits=replace(LIMITS, members=20))) == {"too_large"}
    nested = zipped({f"{number}.zip": zipped({"a": b"", "b": b""}) for number in range(10)})
    assert "too_large" in codes(scanned(nested, limits=replace(LIMITS, members=20)))


def test_a_sum_beyond_the_limit_is_a_problem() -> None:
    data = zipped({"a": noise(3000), "b": noise(3000)})

    assert codes(scanned(data, limits=replace(LIMITS, unpacked=5000))) == {"too_large"}
    assert codes(scanned(data, limits=replace(LIMITS, unpacked=8000))) == set()


def test_a_header_of_a_tar_cannot_fill_the_memory() -> None:
    data = tarred(("a" * 900_000, FILE, b"x"), format=tarfile.GNU_FORMAT)

    assert codes(scanned(data)) == set()
    assert codes(scanned(data, limits=replace(LIMITS, directory=200_000))) == {"too_large"}


def test_an_xz_with_a_huge_dictionary_is_not_unpacked() -> None:
    alone = lzma.compress(b"text", lzma.FORMAT_ALONE)
    wide = alone[:1] + (1 << 30).to_bytes(4, "little") + alone[5:]
    assert codes(scanned(wide)) == {"unreadable_archive"}


def test_a_large_packed_pickle_is_followed_forward() -> None:
    good = gzip.compress(b"\x80\x04" + LONG + b"N.")
    bad = gzip.compress(b"\x80\x04" + LONG + payload()[2:])

    assert codes(scanned(good, limits=SMALL)) == set()
    assert "forbidden_global" in codes(scanned(bad, limits=SMALL))


def test_a_large_packed_text_is_read_forward() -> None:
    text = noise(900_000)

    assert codes(scanned(gzip.compress(text), limits=SMALL)) == set()
    assert codes(scanned(gzip.compress(text + b" !!python/x"), limits=SMALL)) == {"yaml_object"}


def test_a_large_packed_archive_is_not_held_in_memory() -> None:
    inner = zipped({"a.txt": noise(900_000)}, zipfile.ZIP_STORED)

    assert codes(scanned(gzip.compress(inner), limits=SMALL)) == {"too_large"}


def test_a_large_member_of_a_packed_tar_is_read_forward_and_the_next_one_still_found() -> None:
    inner = tarred(("a.pkl", FILE, b"\x80\x04" + LONG + b"N."), ("b", FILE, payload()))

    outcome = scanned(gzip.compress(inner), limits=SMALL)

    assert "forbidden_global" in codes(outcome)
    assert not codes(outcome) & {"unreadable_archive", "too_large"}


def test_an_archive_in_a_packed_file_is_read_again_only_while_nothing_is_lost() -> None:
    """A large picture in a gzip is told from a pickle without being held in memory."""
    picture = b"\x89PNG\r\n\x1a\n" + noise(900_000)
    pickled = LONG + b"\xff"

    assert codes(scanned(gzip.compress(picture), limits=SMALL)) == set()
    assert codes(scanned(gzip.compress(pickled), limits=SMALL)) == {"too_large"}


def test_an_xz_file_of_several_streams_is_one() -> None:
    data = lzma.compress(b"text") + lzma.compress(b" and payload" * 9000)

    assert codes(scanned(data)) == set()
    assert "trailing_data" in codes(scanned(data + b"rubbish"))


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        (b"\x5d\xff\xff\xff\x7f", "too_large"),
        (b"\xe0\x00\x00\x01\x00", "unreadable_archive"),
        (b"\xff\x00\x00\x01\x00", "too_large"),
    ],
)
def test_lzma_in_a_zip_with_odd_properties_cannot_be_told(properties: bytes, code: str) -> None:
    data = zipped({"a": b"text" * 50}, zipfile.ZIP_LZMA)
    at = data.index(b"\x05\x00\x5d") + 2

    assert code in codes(scanned(data[:at] + properties + data[at + 5 :]))
    assert "unreadable_archive" in codes(scanned(data[: at - 2] + b"\x06" + data[at - 1 :]))


def test_a_tar_that_is_damaged_behind_its_beginning_cannot_be_told() -> None:
    long = tarred(("a" * 150, FILE, b"x"), format=tarfile.GNU_FORMAT)
    cut = tarred(("a", FILE, b"x" * 2000))[: 512 + 512]

    assert not scanned(long[:700]).passed
    assert "unreadable_archive" in codes(scanned(cut))
