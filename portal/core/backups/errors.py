"""What goes wrong while saving or restoring, in a sentence for the person who typed the command."""


class BackupError(Exception):
    """The text says what is wrong and, where there is something to do, what."""
