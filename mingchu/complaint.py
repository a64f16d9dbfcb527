"""Which exceptions are a user's or an operator's to mend: their message is the sentence to show."""


def sentence(error: BaseException) -> str | None:
    """The sentence of a known mistake, or None. A group of errors speaks with its first known one."""
    if isinstance(error, BaseExceptionGroup):
        return next((words for part in error.exceptions if (words := sentence(part)) is not None), None)
    return _one_line(str(error)) if isinstance(error, _known()) else None


def _known() -> tuple[type[BaseException], ...]:
    """Imported only once something has gone wrong."""
    from domain.code import BadCodeError
    from domain.profile import BadProfileError
    from domain.rule import BadRuleError
    from edge.journal import JournalError
    from edge.uplink import BadBrokerUrlError
    from inference.weights import WeightsError
    from ingest.link import BadUrlError
    from mingchu.account import AccountError, UnreachableError
    from mingchu.broker import BrokerError
    from mingchu.database import DatabaseError
    from mingchu.datadir import DataDirectoryError
    from mingchu.seed import BadSeedError
    from mingchu.settings import BadSettingError
    from mingchu.supervisor import StartError
    from simulators.clip import ClipError
    from simulators.listening import ListeningError
    from simulators.scenario_file import BadScenarioError
    from store.connection import DatabaseUnreachableError
    from store.registry import UnknownCodeError

    return (
        *(BadCodeError, BadProfileError, BadRuleError, WeightsError, AccountError, UnreachableError, BrokerError),
        *(DatabaseError, DataDirectoryError, BadSeedError, BadSettingError, StartError, ClipError, ListeningError),
        *(BadScenarioError, DatabaseUnreachableError, UnknownCodeError, JournalError, BadBrokerUrlError, BadUrlError),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
