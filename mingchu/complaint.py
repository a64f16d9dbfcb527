"""Which exceptions are a user's or an operator's to mend: their message is the sentence to show."""

# By name, so that nothing is imported for an error that did not happen.
KNOWN = frozenset(
    {
        "domain.calendar.BadCalendarError",
        "api.intake.IntakeError",
        "domain.claim_code.BadClaimCodeError",
        "domain.code.BadCodeError",
        "domain.draw.BadDrawError",
        "domain.enrolment.BadEnrolmentCodeError",
        "domain.profile.BadProfileError",
        "domain.risk.BadWeightsError",
        "domain.rule.BadRuleError",
        "edge.enrolment.EnrolmentError",
        "edge.journal.JournalError",
        "edge.endpoint.BadBrokerUrlError",
        "domain.ladder.BadLadderError",
        "domain.mapping.BadMappingError",
        "inference.weights.WeightsError",
        "ingest.session.BadUrlError",
        "ingest.session.LinkLostError",
        "mingchu.account.AccountError",
        "mingchu.account.UnreachableError",
        "mingchu.backup.BackupError",
        "mingchu.bench.process.BenchError",
        "mingchu.broker.BrokerError",
        "mingchu.conformance.kit.KitError",
        "mingchu.conformance.report.ReportError",
        "mingchu.database.DatabaseError",
        "mingchu.datadir.DataDirectoryError",
        "mingchu.demo.UnknownScenarioError",
        "mingchu.drill.DrillError",
        "mingchu.label.LabelError",
        "mingchu.seed.BadSeedError",
        "mingchu.settings.BadSettingError",
        "mingchu.signing.KeyFileError",
        "mingchu.supervisor.StartError",
        "models.prepare.DataError",
        "simulators.clip.ClipError",
        "simulators.desk.DeskError",
        "simulators.listening.ListeningError",
        "simulators.scenario_file.BadScenarioError",
        "simulators.vendor_double.UnknownMischiefError",
        "store.connection.DatabaseUnreachableError",
        "store.models.ReleaseTakenError",
        "store.hypertables.NoTimescaleError",
        "store.profiles.SameVersionError",
        "store.provisioning.ProvisioningError",
        "store.registry.UnknownCodeError",
    }
)


def sentence(error: BaseException) -> str | None:
    """The sentence of a known mistake, or None. A group of errors speaks with its first known one."""
    if isinstance(error, BaseExceptionGroup):
        return next((words for part in error.exceptions if (words := sentence(part)) is not None), None)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) if _is_known(error) else None


def _is_known(error: BaseException) -> bool:
    return any(f"{kind.__module__}.{kind.__qualname__}" in KNOWN for kind in type(error).__mro__)
