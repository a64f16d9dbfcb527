"""Why a device, a list or a profile is refused: the registry's refusals as problems in both languages."""

from api.intake import IntakeError, RepeatedLineError
from api.problem import ProblemError
from domain.claim_code import BadClaimCodeError
from domain.code import BadCodeError
from store.profiles import SameVersionError
from store.provisioning import ProvisioningError
from store.registry import UnknownCodeError

REFUSALS = (
    BadClaimCodeError,
    BadCodeError,
    IntakeError,
    ProvisioningError,
    RepeatedLineError,
    SameVersionError,
    UnknownCodeError,
)


def problem_of(error: Exception) -> ProblemError:
    """The refusal as a problem: 409 for what is taken or used up, 422 for what names nothing or is misspelt."""
    match error:
        case ProvisioningError():
            return ProblemError(409, f"device_{error.why}", error.values)
        case SameVersionError():
            return ProblemError(409, "profile_version", {"version": error.installed})
        case UnknownCodeError():
            return ProblemError(422, f"unknown_{error.what}", {"code": error.code})
    return _of_text(error)


def _of_text(error: Exception) -> ProblemError:
    match error:
        case RepeatedLineError():
            return ProblemError(422, "list_repeated", {"line": error.line})
        case IntakeError():
            return ProblemError(422, "list", {"fault": str(error)})
        case BadClaimCodeError():
            return ProblemError(422, "claim_code")
    return ProblemError(422, "bad_code")
