"""HDF5, as Keras and others write it: searched for what makes a loading program run code."""

from apps.validation.checks.unsafe_code import texts
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan


def examine(scan: Scan, piece: Piece) -> None:
    """Search an HDF5 file for Lambda layers and for pickles that PyTables would load.

    The file's own structure is not followed. Keras keeps the description of a model in one piece
    and uncompressed, so that searching finds it.
    """
    reading = texts.read(piece, scan.limits.document)
    if reading.has_lambda:
        texts.report_lambda(scan, piece.place)
    if reading.has_tables or reading.has_escapes:
        text = "Cannot tell whether it is safe: it holds tables or texts that hide what they say."
        scan.report("unclear_content", piece.place, text, SAVE_SAFELY)
