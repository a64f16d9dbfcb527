"""Lists of cameras and tours as REST's models."""

from collections.abc import Sequence

from api import tour_model as model
from api.alert_model import Named
from api.vault import Vault
from store.camera_lists import CameraChoice
from store.tours import FindingRow, LookRow, TourRow


def choice(row: CameraChoice) -> model.CameraChoice:
    """A camera to choose."""
    return model.CameraChoice(
        id=row.id, code=row.code, zh=row.zh, en=row.en, health=row.health,
        site=Named(id=row.site_id, code=row.site_code, zh=row.site_zh, en=row.site_en),
    )  # fmt: skip


def summary(row: TourRow) -> model.TourSummary:
    """One line of the list of tours."""
    return model.TourSummary(
        id=row.id, person=row.person, plan=row.plan, began=row.began, ended=row.ended, cameras=len(row.cameras),
        looked_at=row.looked_at, findings=row.findings,
    )  # fmt: skip


def finding(row: FindingRow, vault: Vault) -> model.Finding:
    """One finding."""
    return model.Finding(
        id=row.id, look=row.look_id, at=row.at, words=row.words, picture=vault.shown(row.picture), person=row.person,
        camera=Named(id=row.camera_id, code=row.camera_code, zh=row.camera_zh, en=row.camera_en),
        site=Named(id=row.site_id, code=row.site_code, zh=row.site_zh, en=row.site_en),
    )  # fmt: skip


def whole(
    row: TourRow, person: int, stops: Sequence[CameraChoice], looks: Sequence[LookRow], found: list[model.Finding]
) -> model.Tour:
    """A tour with all that belongs to it."""
    return model.Tour(
        **summary(row).model_dump(),
        own=row.person_id == person,
        stops=[choice(each) for each in stops],
        looks=[_look(each) for each in looks],
        found=found,
    )


def _look(row: LookRow) -> model.Look:
    return model.Look(
        id=row.id, camera=row.camera_id, at=row.at, captured=row.captured, sha256=row.sha256, why=row.why, kept=row.kept
    )
