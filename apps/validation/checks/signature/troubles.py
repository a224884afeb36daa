"""How a signature, a statement or a list of signers can fail to be read."""


class Unreadable(Exception):
    """Bytes are not what they should be; the text says why."""
