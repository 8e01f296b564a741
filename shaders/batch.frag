#version 330 core
// Coverage of a rounded box, filled or as an outline inside its edge, times the glyph atlas.
// Without branches: software renderers run both sides of one.
in vec4 v_place; // from the box's middle, then in the atlas
in vec4 v_color;
flat in vec4 v_shape;
uniform sampler2D atlas;
out vec4 color;

void main() {
    vec2 q = abs(v_place.xy) - v_shape.xy + v_shape.z;
    float d = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - v_shape.z;
    d = max(d, -d - v_shape.w);
    color = v_color * (clamp(0.5 - d, 0.0, 1.0) * texture(atlas, v_place.zw).r);
}
