#version 330 core
// A height field in world space: x and y from -1 to 1, z up.
layout(location = 0) in vec3 position;
layout(location = 1) in vec2 slope; // dz/dx, dz/dy
uniform mat4 matrix;
uniform vec3 flat_z;   // z is mixed with .x by .y
uniform vec4 to_texel; // from x and y to texture coordinates: scale, offset
out vec2 v_uv;
out vec2 v_slope;

void main() {
    v_uv = position.yx * to_texel.xy + to_texel.zw;
    v_slope = slope * (1.0 - flat_z.y);
    gl_Position = matrix * vec4(position.xy, mix(position.z, flat_z.x, flat_z.y), 1.0);
}
