"""What can go wrong with a file or with one of its rows. The messages are shown to whoever imports."""


class UnreadableFileError(Exception):
    """The whole file is refused and nothing of it is used; the text says why and what to do."""


class MappingError(Exception):
    """A mapping names a field, a table or a mend that does not exist; the text says which."""


class RowError(Exception):
    """One row can't be used; the text says why. The others go on."""


#: What a row that nobody thought of may raise while it is read: it is rejected, and the others go on.
ODD_ROW = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
