#version 330 core
// A square about a point in clip space.
uniform vec3 center;  // normalized device coordinates
uniform vec4 extent;  // half side in device coordinates (x, y), half side in pixels, 0
out vec2 v_local;

void main() {
    vec2 corner = 2.0 * vec2(gl_VertexID & 1, gl_VertexID >> 1) - 1.0;
    v_local = corner * extent.z;
    gl_Position = vec4(center.xy + corner * extent.xy, center.z, 1.0);
}
