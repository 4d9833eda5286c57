"""The errors that users are meant to read."""


class CrmMartsError(Exception):
    """A problem with what the user can mend: input, settings or order of work.

    The text names the place (file, line, column), the problem and the remedy; `is_transient` says
    that trying again later may be enough.
    """

    def __init__(
        self, problem: str, *, place: str = "", remedy: str = "", is_transient: bool = False
    ) -> None:
        """Compose one paragraph; every part but the problem may be empty."""
        self.problem, self.place, self.remedy = problem, place, remedy
        self.is_transient = is_transient
        sentence = f"{place}: {problem}" if place else problem
        super().__init__(f"{sentence.rstrip('.')}.{' ' + remedy if remedy else ''}")


class PackError(CrmMartsError):
    """A month is published, but its pack was not written, or not sent."""
