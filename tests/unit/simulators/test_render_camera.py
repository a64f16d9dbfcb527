"""The rendering camera: what it projects where, and boxes of what it sees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.render.camera import Box, Camera, bound
from simulators.render.mesh import ball, box, sampled
from simulators.render.region import feather, merged, region_of
from simulators.render.thing import Finish, Part, Thing

CAMERA = Camera((3.0, 0.2, 2.5), (3.0, 3.0, 0.8), 1.2)
inside = st.floats(0.0, 0.9)


def test_the_target_is_in_the_middle_and_the_field_of_view_ends_at_the_edge() -> None:
    right, _, back = CAMERA.axes()
    ahead = np.asarray(CAMERA.eye) - 2 * back
    edge = ahead + 2 * np.tan(CAMERA.fov / 2) * right
    assert CAMERA.project([CAMERA.target])[0, :2] == pytest.approx([0.5, 0.5])
    assert CAMERA.project([edge])[0] == pytest.approx([1.0, 0.5, 2.0])


def test_higher_is_higher_in_the_picture_and_behind_has_no_depth() -> None:
    low, high = CAMERA.project([(2.0, 3.0, 0.0), (2.0, 3.0, 1.7)])
    assert high[1] < low[1]
    assert CAMERA.project([(3.0, -2.0, 2.5)])[0, 2] <= 0


def test_a_box_holds_only_visible_points_in_the_picture() -> None:
    spots = np.array([[0.2, 0.2, 1.0], [0.4, 0.5, 1.0], [0.9, 0.9, 1.0], [1.4, 0.3, 1.0], [0.1, 0.1, -1.0]])
    visible = np.array([True, True, False, True, True])
    assert bound(spots, visible) == Box(0.2, 0.2, 0.4, 0.5)
    assert bound(spots, np.zeros(5, bool)) is None


@given(st.lists(st.tuples(inside, inside), min_size=1, max_size=8))
def test_merged_regions_cover_all_and_never_overlap(corners: list[tuple[float, float]]) -> None:
    regions = [Box(x, y, x + 0.1, y + 0.1) for x, y in corners]
    joined = merged(regions)
    for r in regions:
        assert any(j.x1 <= r.x1 and j.y1 <= r.y1 and j.x2 >= r.x2 and j.y2 >= r.y2 for j in joined)
    for i, a in enumerate(joined):
        assert not any(a.x1 < b.x2 and b.x1 < a.x2 and a.y1 < b.y2 and b.y1 < a.y2 for b in joined[i + 1 :])


def test_a_things_region_holds_its_shadow_and_one_out_of_view_has_none() -> None:
    cube = Thing("cube", (Part(box((2.8, 3, 0), (3.2, 3.4, 0.5)), Finish("plain", (1, 1, 1))),))
    region = region_of(cube, CAMERA)
    assert region is not None
    spot = CAMERA.project(cube.parts[0].mesh.points)
    assert region.x1 < spot[:, 0].min()
    assert region.y2 > spot[:, 1].max()
    assert region_of(cube.moved((0, -8, 0)), CAMERA) is None


def test_a_patch_fades_only_where_it_meets_the_plate() -> None:
    share = feather(40, 60, (False, True, True, True), 8)
    assert share[0, 30] == 1
    assert share[39, 30] == share[20, 0] == share[20, 59] == 0
    assert share[20, 30] == 1


def test_a_plain_box_is_sampled_all_over_and_a_fine_mesh_is_its_own_points() -> None:
    points, fine = sampled(box((0, 0, 0), (1, 2, 3))), ball((0, 0, 0), (1, 1, 1))
    assert points.min(0) == pytest.approx([0, 0, 0])
    assert points.max(0) == pytest.approx([1, 2, 3])
    on_a_side = np.isclose(points, 0) | np.isclose(points, [1, 2, 3])
    assert on_a_side.any(1).all()
    assert (~on_a_side).any(1).sum() > 6
    assert np.array_equal(sampled(fine), fine.points)
