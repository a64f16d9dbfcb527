"""Renders the project's own CCTV-like footage: kitchens and store rooms by seed, with exact truth.

Why: no real kitchen-camera picture may be shipped, yet a demo, a test and a training need some. Everything seen here
is modelled: rooms, people (MakeHuman's CC0 base mesh in `body.npz`), rats, bins, flames.

    pip install 'mingchu[render]'
    python -m simulators.render --out DIR                    all bundled clips with their truth
    python -m simulators.render --out DIR --clip phone       one clip
    python -m simulators.render --out DIR --train 300 --seed 100   labelled pictures (images/, labels/, traits/)

The same seed gives the same room, cast and boxes. `simulators/footage` holds the clips of seed 0: `<name>.mp4`,
`<name>.toml` (scenes, their times and zones, or what it only looks like) and `boxes/<name>.csv` (boxes by the second,
relative). `--samples 2` is twice as quick and hardly worse.

How: `room` furnishes a room, `cast` and `clips` put people (`crew`, dressed by `wear`), animals and fires into it,
`stage` builds that in Blender's Cycles. The empty room (the plate) is rendered once; of each later state only the
regions that something changes are (`region`), and `sensor` adds what a cheap camera adds. `sight` tells the truth:
boxes are the projected points that a ray from the camera reaches, and what is hidden is neither boxed nor claimed of
anybody (`traits`). Only `stage`, `finish`, `pictures` and `film` need Blender.
"""
