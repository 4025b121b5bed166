"""What can be wrong with data. Wrong arguments raise ValueError or TypeError, as in NumPy."""


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
