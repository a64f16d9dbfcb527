"""The Blender side: builds things into a Cycles scene, renders the whole or a region, and asks what is visible.

Needs the optional extra `render` (PyPI bpy 4.2). Nothing else in this package imports bpy.
"""

import tempfile
from pathlib import Path

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Matrix, Vector

from simulators.render.camera import Box, Camera, bound
from simulators.render.finish import forget, material
from simulators.render.flame import Sprite
from simulators.render.light import Lamp
from simulators.render.mesh import Mesh, sampled
from simulators.render.thing import Part, Thing

Picture = npt.NDArray[np.float32]  # H x W x 3, display-referred 0..1
RAYS = 500  # visibility rays per thing
FEW = 0.08  # of a thing's points: when no more are seen, a few specks on both sides of what hides it make no box


class Stage:
    """One Blender scene. Things are put on it by name and can be replaced; the camera stands still."""

    def __init__(self, width: int, height: int, samples: int, threads: int = 2) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        forget()
        self.scene = bpy.context.scene
        self.width, self.height = width, height
        self.things: dict[str, Thing] = {}
        self.objects: dict[str, list[bpy.types.Object]] = {}
        self.camera: Camera | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="mingchu-render-"))
        _configure(self.scene, width, height, samples, threads)

    def look(self, camera: Camera, exposure: float = 0.0) -> None:
        """Hang the camera."""
        data = bpy.data.cameras.new("cctv")
        data.sensor_fit, data.angle, data.clip_start = "HORIZONTAL", camera.fov, 0.02
        rig = bpy.data.objects.new("cctv", data)
        turned = np.eye(4)
        turned[:3, :3], turned[:3, 3] = camera.axes().T, camera.eye
        rig.matrix_world = Matrix(turned.tolist())
        self.scene.collection.objects.link(rig)
        self.scene.camera, self.camera = rig, camera
        self.scene.view_settings.exposure = exposure

    def light(self, lamp: Lamp) -> None:
        """Add one lamp."""
        data = bpy.data.lights.new("lamp", type=lamp.kind)
        data.energy, data.color = lamp.watts, lamp.rgb
        if lamp.kind == "AREA":
            data.shape, data.size, data.size_y = "RECTANGLE", lamp.size, lamp.size * lamp.ratio
        elif lamp.kind == "SPOT":
            data.spot_size, data.spot_blend, data.shadow_soft_size = lamp.angle, 0.9, lamp.size
        else:
            data.shadow_soft_size = lamp.size
        hung = bpy.data.objects.new("lamp", data)
        hung.location = lamp.at
        aim = Vector(np.subtract(lamp.towards, lamp.at).tolist())
        hung.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
        self.scene.collection.objects.link(hung)

    def ambient(self, rgb: tuple[float, float, float], strength: float) -> None:
        """The light that bounces everywhere (fast global illumination takes it from the world)."""
        world = bpy.data.worlds.new("room")
        world.use_nodes = True
        shade = world.node_tree.nodes["Background"].inputs
        shade[0].default_value, shade[1].default_value = (*rgb, 1.0), strength
        world.light_settings.distance = 2.5
        self.scene.world = world

    def put(self, thing: Thing) -> None:
        """Add a thing, or replace the one of that name."""
        self.take(thing.name)
        self.things[thing.name] = thing
        self.objects[thing.name] = [self._object(thing.name, p.mesh, material(p.finish)) for p in thing.parts]

    def take(self, name: str) -> None:
        """Remove a thing, if it is there."""
        for old in self.objects.pop(name, []):
            data = old.data
            bpy.data.objects.remove(old)
            bpy.data.meshes.remove(data)
        self.things.pop(name, None)

    def show(self, name: str, sprite: Sprite) -> None:
        """Make or replace the picture that sprite finishes name."""
        height, width = sprite.shape[:2]
        image = bpy.data.images.get(name) or bpy.data.images.new(name, width, height, alpha=True, float_buffer=True)
        premultiplied = np.concatenate(
            [sprite[..., :3] * sprite[..., 3:], sprite[..., 3:]], -1
        )  # as float pictures are
        image.pixels.foreach_set(premultiplied.ravel())
        image.update()

    def render(self, region: Box | None = None) -> Picture:
        """The picture, or only a region of it (H and W are then the region's)."""
        render = self.scene.render
        render.use_border = render.use_crop_to_border = region is not None
        if region is not None:
            render.border_min_x, render.border_max_x = region.x1, region.x2
            render.border_min_y, render.border_max_y = 1 - region.y2, 1 - region.y1
        path = self.folder / "frame.bmp"
        render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        return _read(path)

    def expose(self, target: float) -> None:
        """Set the exposure so that a thumbnail's mean linear brightness is `target`, as a camera's automatic does."""
        render, settings = self.scene.render, self.scene.view_settings
        render.resolution_percentage = 15
        for _ in range(2):
            linear = float((self.render() ** 2.2).mean())
            settings.exposure += float(np.clip(np.log2(target / max(linear, 1e-4)), -5, 5))
        render.resolution_percentage = 100

    @property
    def brightening(self) -> float:
        """What the exposure multiplies light by: divide a picture's own brightness by it."""
        return float(2.0**self.scene.view_settings.exposure)

    def visible(self, name: str, marks: tuple[Part, ...] | None = None) -> Box | None:
        """The box around what the camera sees of a thing, by projecting points on it and testing them by rays.

        `marks` stand in for the thing's own points (a flame is smaller than its plane).
        """
        assert self.camera is not None
        points = np.concatenate([sampled(p.mesh) for p in (marks or self.things[name].parts) if p.boxed])
        points = points[_chosen(self.camera.project(points))]
        spot = self.camera.project(points)
        own = {o.name for o in self.objects[name]}
        graph = bpy.context.evaluated_depsgraph_get()
        seen = np.array([self._sees(graph, p, own) for p in points])
        return bound(spot, seen) if seen.mean() > FEW else None

    def _sees(self, graph: bpy.types.Depsgraph, point: npt.NDArray[np.float64], own: set[str]) -> bool:
        assert self.camera is not None
        start = Vector(self.camera.eye)
        line = Vector(point.tolist()) - start
        left = line.length
        ray = line.normalized()
        for _ in range(6):
            hit, at, _, _, thing, _ = self.scene.ray_cast(graph, start, ray, distance=left + 0.05)
            if not hit or thing.name in own:
                return True
            if not thing.get("see_through"):
                return bool((at - start).length > left - 0.004)
            left -= (at - start).length + 1e-3
            start = at + ray * 1e-3
        return False

    def _object(self, name: str, mesh: Mesh, look: bpy.types.Material) -> bpy.types.Object:
        data = bpy.data.meshes.new(name)
        arity = mesh.faces.shape[1]
        data.vertices.add(len(mesh.points))
        data.vertices.foreach_set("co", mesh.points.astype(np.float32).ravel())
        data.loops.add(mesh.faces.size)
        data.loops.foreach_set("vertex_index", mesh.faces.astype(np.int32).ravel())
        data.polygons.add(len(mesh.faces))
        data.polygons.foreach_set("loop_start", np.arange(0, mesh.faces.size, arity, dtype=np.int32))
        data.polygons.foreach_set("use_smooth", np.full(len(mesh.faces), mesh.smooth))
        data.update(calc_edges=True)
        data.validate()
        if look.get("sprite"):
            _unwrap(data)
        data.materials.append(look)
        made = bpy.data.objects.new(name, data)
        made["see_through"] = bool(look.get("sprite"))
        self.scene.collection.objects.link(made)
        return made


def _configure(scene: bpy.types.Scene, width: int, height: int, samples: int, threads: int) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    render.threads_mode, render.threads = "FIXED", threads
    render.image_settings.file_format = "BMP"
    render.use_persistent_data = True
    scene.view_settings.view_transform = "Standard"
    cycles.device, cycles.samples, cycles.seed = "CPU", samples, 1
    cycles.use_light_tree = False
    cycles.use_adaptive_sampling, cycles.use_denoising = False, True
    cycles.denoiser, cycles.denoising_quality, cycles.denoising_prefilter = "OPENIMAGEDENOISE", "FAST", "FAST"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 1, 2
    cycles.transparent_max_bounces, cycles.transmission_bounces = 8, 0
    cycles.sample_clamp_indirect, cycles.caustics_reflective, cycles.caustics_refractive = 4.0, False, False
    cycles.use_fast_gi, cycles.fast_gi_method, cycles.ao_bounces_render = True, "REPLACE", 1


def _read(path: Path) -> Picture:
    """The written BMP as floats (bpy cannot hand out its render result)."""
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.float32) / 255.0


def _chosen(spot: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Indices of at most about RAYS points, the outermost in the picture always among them."""
    order = np.arange(len(spot))
    some = order[:: max(1, len(order) // RAYS)]
    ends = [np.argsort(spot[:, k])[[*range(0, 24), *range(-24, 0)]] for k in (0, 1) if len(spot) > 48]
    return np.unique(np.concatenate([some, *ends]))


def _unwrap(data: bpy.types.Mesh) -> None:
    """The four corners of each quad show the whole picture."""
    layer = data.uv_layers.new(name="uv")
    corners = np.tile(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32), (len(data.polygons), 1))
    layer.data.foreach_set("uv", corners.ravel())
