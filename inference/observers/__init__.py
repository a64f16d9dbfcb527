"""The observers of the nine scenes: pure functions that say what one look shows. The time rules are in incident.py."""

from domain.scene import Scene
from inference.observation import Observer
from inference.observers import bins, clothes, fire, hands, intruders, pests

OBSERVERS: dict[Scene, Observer] = {
    Scene.NO_HAT: clothes.hat,
    Scene.NO_MASK: clothes.mask,
    Scene.NO_UNIFORM: clothes.uniform,
    Scene.SMOKING: hands.smoking,
    Scene.PHONE: hands.phone,
    Scene.PEST: pests.pest,
    Scene.BIN_OPEN: bins.bin_open,
    Scene.FIRE_UNATTENDED: fire.fire_unattended,
    Scene.INTRUSION: intruders.intrusion,
}
