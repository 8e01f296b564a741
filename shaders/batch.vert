#version 330 core
// Pixels of the target to clip space; colours become premultiplied.
layout(location = 0) in vec3 position;
layout(location = 1) in vec2 local;
layout(location = 2) in vec4 shape;
layout(location = 3) in vec2 texel;
layout(location = 4) in vec4 color;
uniform vec2 size;
uniform float atlas_size;
out vec4 v_place; // local, then texture coordinates
out vec4 v_color;
flat out vec4 v_shape;

void main() {
    v_shape = shape;
    v_place = vec4(local, texel / atlas_size);
    v_color = vec4(color.rgb * color.a, color.a);
    gl_Position = vec4(2.0 * position.x / size.x - 1.0, 1.0 - 2.0 * position.y / size.y, position.z, 1.0);
}
