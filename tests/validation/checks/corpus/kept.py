"""What fuzzing and reading have found, each with the problem it must have, or none."""

from tests.validation.checks.archives import zipped
from tests.validation.checks.corpus.building import torch_script

KEPT: dict[str, tuple[str, bytes, str | None]] = {
    "a number no scanner reads": ("model.pkl", b"I0x10\n.", None),
    "an archive whose first bytes are operations": (
        "model.zip",
        b"PK\x03\x04\n0cos\nsystem\n)R." + zipped({"a.txt": b"text"}),
        "hidden_data",
    ),
    "an operation through itself": (
        "model.pt",
        torch_script("torch.torch.save(x)\n"),
        "file_operation",
    ),
    "a heap at the end of a piece": ("model.h5", b"\x89HDF\r\n\x1a\nFRHP", None),
    "an escape that is none": (
        "model.pkl",
        b"(S'touch\\ me'\nios\nsystem\n.",
        "forbidden_global",
    ),
    "a state that is itself": ("model.pkl", b"\x80\x04}\x940h\x00h\x00b.", None),
}
