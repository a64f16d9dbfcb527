"""Why a message is not landed."""


class RefusedError(Exception):
    """A message cannot be landed; the text is the sentence that its dead letter carries."""


class UnauthorisedError(RefusedError):
    """The sender may not say this (logged for security, PROMISES S4)."""


class UnknownSenderError(UnauthorisedError):
    """The registry that we have in memory does not know the sender or its subject; a fresher one may."""
