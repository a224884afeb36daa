"""Why a model could not be run, as a problem to raise."""

from apps.validation.checks.contract import Problem, Severity


class Refused(Exception):
    """The model was not run to its end; the problem says why and what helps."""

    def __init__(self, code: str, place: str, text: str, remedy: str) -> None:
        super().__init__(text)
        self.problem = Problem(code, Severity.HIGH, place, text, remedy)
