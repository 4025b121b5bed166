"""What can be wrong with data. Wrong arguments raise ValueError or TypeError, as in NumPy."""


def counted(number: float, one: str, many: str = "") -> str:
    """A number and what it counts, in words.

    >>> counted(1, "reading"), counted(2000, "reading"), counted(0, "stretch", "stretches"), counted(483.0, "day")
    ('1 reading', '2,000 readings', '0 stretches', '483 days')
    """
    text = f"{number:,.2f}".rstrip("0").rstrip(".") if isinstance(number, float) else f"{number:,}"
    return f"{text} {one if text == '1' else many or one + 's'}"


class CodecError(Exception):
    """The data cannot be coded or decoded; the message names the thing, the place and the way out."""


class DamagedError(CodecError):
    """The file is not what its writer wrote: cut short, changed, or with something appended."""


class UnsupportedError(CodecError):
    """A well-formed file of a kind or version that this program does not read."""


class WrongTableError(CodecError):
    """The file was written against another code table than the one given, or against one not given."""


class MissingCodewordError(CodecError):
    """A reading of the stream has no codeword in the code."""


class StreamError(CodecError):
    """A stream of readings cannot be read as asked."""


class TableError(CodecError):
    """A saved distribution or code table is not well-formed."""


class OutputLimitError(CodecError):
    """Decoding would produce more bytes than the limit given."""


class UsageError(Exception):
    """Arguments of the command line that do not go together."""
