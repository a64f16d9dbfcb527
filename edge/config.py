"""What the agent must be told at its start. Read from the environment in one place only, not here."""

from dataclasses import dataclass, field
from pathlib import Path

from domain.network import LOOPBACK, PRIVATE, Networks
from edge.gate import CALM_S, FORCED_S
from edge.relay import SiteBroker

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """How many may watch, and for how long (seconds)."""

    per_camera: int = 4
    per_edge: int = 24
    transcodes: int = 2  # cameras made anew in little for their viewers at the same time (ADR 20)
    view_s: float = 600.0
    connect_s: float = 15.0  # from the answer until the viewer has connected
    silent_s: float = 15.0  # without a receiver's report: a browser sends one each second
    look_s: float = 2.0  # how often this is checked


@dataclass(frozen=True, slots=True)
class PatrolLimits:
    """How cameras on patrol are visited (ADR 16). Times in seconds."""

    period_s: float = 60.0
    connections: int = 32  # visits at once: each waits for the next keyframe, mostly a second or two
    watches: int = 8  # cameras in which something was found, watched at once
    calm_s: float = 30.0  # … until nothing has been there for so long
    forced_visits: int = 10  # a camera that seems unchanged is analysed at every nth visit all the same
    patience_s: float = 15.0  # for the next keyframe
    ring_bytes: int = 384 * 1024  # what a look showed is kept so far: a keyframe or two of 1080p


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """One agent. Times in seconds, sizes in bytes."""

    edge: str  # the edge's code
    secret: str = field(repr=False)
    mqtt_url: str  # mqtt://host:port, or mqtts:// for TLS
    api_url: str  # where evidence is uploaded: {api_url}/edge/evidence/{sha256}
    data_dir: Path  # spool, evidence and the last configuration
    weights: Path  # the model's manifest, models/weights/detector.toml
    threads: int = 1  # of the detector
    hwaccel: str = "auto"  # what decodes: auto, off, or FFmpeg's name of a device
    networks: Networks = (*PRIVATE, *LOOPBACK)  # where cameras may be
    allow_files: bool = False  # cameras may be file: addresses (tests and benches only)
    open_timeout_s: float = 5.0
    read_timeout_s: float = 2.0
    offline_s: float = 60.0  # DOMAIN §1: OFFLINE is no frame for 60 s
    forced_look_s: float = FORCED_S  # a picture that seems unchanged is analysed so often all the same …
    calm_look_s: float = CALM_S  # … and down to so rarely while that shows nothing new and no scene minds
    urgent_look_s: float = CALM_S  # … where a scene of class I is watched for
    ring_s: float = 50.0  # a clip spans up to 42 s: the samples' 20 s, its before- and after-roll
    ring_bytes: int = 48 * MIB  # per camera; the platform takes clips of up to 64 MiB
    spool_bytes: int = 1024 * MIB  # a day of 30 devices that speak each second
    site: SiteBroker | None = None  # whose devices are relayed
    evidence_bytes: int = 4096 * MIB
    evidence_kept_s: float = 3600.0  # after a confirmed upload
    upload_rate: float = 0.0  # bytes a second, 0: no limit
    live: LiveLimits = field(default_factory=LiveLimits)
    patrol: PatrolLimits = field(default_factory=PatrolLimits)
