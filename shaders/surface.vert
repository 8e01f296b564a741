#version 330 core
// A height field in world space: x and y from -1 to 1, z up.
layout(location = 0) in vec3 position;
uniform mat4 matrix;
uniform vec2 flat_z;   // z is mixed with .x by .y
uniform vec4 to_texel; // from x and y to texture coordinates: scale, offset
out vec2 v_uv;

void main() {
    v_uv = position.yx * to_texel.xy + to_texel.zw;
    gl_Position = matrix * vec4(position.xy, mix(position.z, flat_z.x, flat_z.y), 1.0);
}
