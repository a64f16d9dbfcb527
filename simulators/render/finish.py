"""Finishes as Cycles materials."""

import bpy

from simulators.render.thing import Finish

_made: dict[Finish, bpy.types.Material] = {}


def forget() -> None:
    """Materials of the last scene are gone with it."""
    _made.clear()


def material(finish: Finish) -> bpy.types.Material:
    """The material of a finish, made once a scene."""
    if finish not in _made:
        made = bpy.data.materials.new(finish.kind)
        made.use_nodes = True
        _BUILD[finish.kind](made, finish)
        _made[finish] = made
    return _made[finish]


def _base(made: bpy.types.Material, finish: Finish) -> bpy.types.Node:
    shade = made.node_tree.nodes["Principled BSDF"]
    shade.inputs["Base Color"].default_value = (*finish.rgb, 1.0)
    shade.inputs["Roughness"].default_value = finish.rough
    shade.inputs["Metallic"].default_value = finish.metal
    return shade


def _plain(made: bpy.types.Material, finish: Finish) -> None:
    _base(made, finish)


def _tile(made: bpy.types.Material, finish: Finish) -> None:
    """Square tiles with grout, by the face's own plane, each tile a little different, and stains."""
    shade, nodes, link = _base(made, finish), made.node_tree.nodes, made.node_tree.links.new
    brick, where = nodes.new("ShaderNodeTexBrick"), _flat_position(made)
    brick.offset, brick.squash = 0.0, 1.0
    darker = tuple(c * 0.86 for c in finish.rgb)
    brick.inputs["Color1"].default_value, brick.inputs["Color2"].default_value = (*finish.rgb, 1), (*darker, 1)
    brick.inputs["Mortar"].default_value = (*finish.second, 1)
    brick.inputs["Scale"].default_value = 1.0
    brick.inputs["Mortar Size"].default_value = 0.006
    brick.inputs["Brick Width"].default_value = brick.inputs["Row Height"].default_value = finish.size
    link(where, brick.inputs["Vector"])
    link(_stained(made, brick.outputs["Color"], 1.7, 0.35), shade.inputs["Base Color"])


def _flat_position(made: bpy.types.Material) -> bpy.types.NodeSocket:
    """Position with the axis across the face left out: (x, y) on floors, (x, z) or (y, z) on walls."""
    nodes, link = made.node_tree.nodes, made.node_tree.links.new
    geometry, split, join = (nodes.new(f"ShaderNode{n}") for n in ("NewGeometry", "SeparateXYZ", "CombineXYZ"))
    facing, steep = nodes.new("ShaderNodeSeparateXYZ"), nodes.new("ShaderNodeMath")
    link(geometry.outputs["Position"], split.inputs[0])
    link(geometry.outputs["Normal"], facing.inputs[0])
    steep.operation = "ABSOLUTE"
    link(facing.outputs["X"], steep.inputs[0])
    up = nodes.new("ShaderNodeMath")
    up.operation = "ABSOLUTE"
    link(facing.outputs["Z"], up.inputs[0])
    for target, share, low, high in (("X", steep, "X", "Y"), ("Y", up, "Z", "Y")):
        mix = nodes.new("ShaderNodeMix")
        link(share.outputs[0], mix.inputs[0])
        link(split.outputs[low], mix.inputs[2])
        link(split.outputs[high], mix.inputs[3])
        link(mix.outputs[0], join.inputs[target])
    return join.outputs[0]


def _stained(
    made: bpy.types.Material, colour: bpy.types.NodeSocket, scale: float, amount: float
) -> bpy.types.NodeSocket:
    nodes, link = made.node_tree.nodes, made.node_tree.links.new
    noise, spot, mix = (nodes.new(f"ShaderNode{n}") for n in ("TexNoise", "TexCoord", "Mix"))
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = scale, 2.0
    link(spot.outputs["Object"], noise.inputs["Vector"])
    ramp = nodes.new("ShaderNodeMapRange")
    ramp.inputs["From Min"].default_value, ramp.inputs["From Max"].default_value = 0.35, 0.7
    ramp.inputs["To Max"].default_value = amount
    link(noise.outputs[0], ramp.inputs["Value"])
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    link(ramp.outputs[0], mix.inputs[0])
    link(colour, mix.inputs[6])
    mix.inputs[7].default_value = (0.45, 0.4, 0.33, 1)
    return mix.outputs[2]


def _brushed(made: bpy.types.Material, finish: Finish) -> None:
    """Steel: smudged, its roughness uneven."""
    shade, nodes, link = _base(made, finish), made.node_tree.nodes, made.node_tree.links.new
    noise, spot, ramp = (nodes.new(f"ShaderNode{n}") for n in ("TexNoise", "TexCoord", "MapRange"))
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 3.0, 2.0
    link(spot.outputs["Object"], noise.inputs["Vector"])
    ramp.inputs["From Min"].default_value, ramp.inputs["From Max"].default_value = 0.3, 0.7
    ramp.inputs["To Min"].default_value = max(finish.rough - 0.03, 0.08)
    ramp.inputs["To Max"].default_value = finish.rough + 0.07
    link(noise.outputs[0], ramp.inputs["Value"])
    link(ramp.outputs[0], shade.inputs["Roughness"])


def _mottled(made: bpy.types.Material, finish: Finish) -> None:
    """Fur and cloth: a fine uneven colour and a bump."""
    shade, nodes, link = _base(made, finish), made.node_tree.nodes, made.node_tree.links.new
    noise, spot, bump = (nodes.new(f"ShaderNode{n}") for n in ("TexNoise", "TexCoord", "Bump"))
    fur = finish.kind == "fur"
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = (90.0, 1.0) if fur else (9.0, 1.0)
    link(spot.outputs["Object"], noise.inputs["Vector"])
    bump.inputs["Strength"].default_value, bump.inputs["Distance"].default_value = 0.7, 0.004 if fur else 0.05
    link(noise.outputs[0], bump.inputs["Height"])
    link(bump.outputs[0], shade.inputs["Normal"])
    if fur:
        mix = nodes.new("ShaderNodeMix")
        mix.data_type = "RGBA"
        mix.inputs[6].default_value, mix.inputs[7].default_value = (*finish.second, 1), (*finish.rgb, 1)
        link(noise.outputs[0], mix.inputs[0])
        link(mix.outputs[2], shade.inputs["Base Color"])


def _stripe(made: bpy.types.Material, finish: Finish) -> None:
    """Level bands by height: clothes are modelled upright."""
    shade, nodes, link = _base(made, finish), made.node_tree.nodes, made.node_tree.links.new
    spot, split, mix = (nodes.new(f"ShaderNode{n}") for n in ("TexCoord", "SeparateXYZ", "Mix"))
    wrap, over = nodes.new("ShaderNodeMath"), nodes.new("ShaderNodeMath")
    link(spot.outputs["Object"], split.inputs[0])
    wrap.operation, wrap.inputs[1].default_value = "MODULO", finish.size
    over.operation, over.inputs[1].default_value = "GREATER_THAN", finish.size * 0.6
    link(split.outputs["Z"], wrap.inputs[0])
    link(wrap.outputs[0], over.inputs[0])
    mix.data_type = "RGBA"
    mix.inputs[6].default_value, mix.inputs[7].default_value = (*finish.rgb, 1), (*finish.second, 1)
    link(over.outputs[0], mix.inputs[0])
    link(mix.outputs[2], shade.inputs["Base Color"])


def _glow(made: bpy.types.Material, finish: Finish) -> None:
    shade = _base(made, finish)
    shade.inputs["Emission Color"].default_value = (*finish.rgb, 1.0)
    shade.inputs["Emission Strength"].default_value = finish.strength


def _sprite(made: bpy.types.Material, finish: Finish) -> None:
    """A see-through picture that shines (flames) or is lit (smoke: strength 0)."""
    nodes, link = made.node_tree.nodes, made.node_tree.links.new
    nodes.clear()
    out, image, clear, mix = (
        nodes.new(f"ShaderNode{n}") for n in ("OutputMaterial", "TexImage", "BsdfTransparent", "MixShader")
    )
    image.image = bpy.data.images[finish.image]
    shine = nodes.new("ShaderNodeEmission")
    shine.inputs["Strength"].default_value = finish.strength
    link(image.outputs["Color"], shine.inputs["Color"])
    link(image.outputs["Alpha"], mix.inputs[0])
    link(clear.outputs[0], mix.inputs[1])
    link(shine.outputs[0], mix.inputs[2])
    link(mix.outputs[0], out.inputs["Surface"])
    made["sprite"] = True


_BUILD = {
    "plain": _plain, "tile": _tile, "brushed": _brushed, "fur": _mottled, "cloth": _mottled, "stripe": _stripe,
    "glow": _glow, "sprite": _sprite,
}  # fmt: skip
