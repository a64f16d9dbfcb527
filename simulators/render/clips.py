"""The bundled clips by name (no Blender needed)."""

from collections.abc import Callable

from simulators.render import clips_animal, clips_bin, clips_door, clips_dress, clips_fire, clips_hand, clips_idle
from simulators.render.shot import Shot

CLIPS: dict[str, Callable[[int], Shot]] = {
    "quiet": clips_idle.quiet,
    "walkby": clips_idle.walkby,
    "no-hat": clips_dress.no_hat,
    "hairnet-cap": clips_dress.headgear,
    "no-mask": clips_dress.no_mask,
    "tasting": clips_dress.tasting,
    "no-uniform": clips_dress.no_uniform,
    "aprons": clips_dress.workwear,
    "smoking": clips_hand.smoking_cook,
    "steam": clips_fire.steam,
    "phone": clips_hand.phone,
    "order-tablet": clips_hand.tablet,
    "rat-night": clips_animal.rat_night,
    "cat-night": clips_animal.cat_night,
    "bin-open": clips_bin.bin_open,
    "disposing": clips_bin.disposing,
    "flame-unattended": clips_fire.flame_unattended,
    "flame-watched": clips_fire.flame_watched,
    "intrusion-night": clips_door.intrusion_night,
    "store-day": clips_door.passing,
    "cold-antechamber": clips_door.antechamber,
}
