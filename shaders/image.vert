#version 330 core
// A picture over a rectangle in clip space; its rows run from the top, a target's from the bottom.
uniform vec4 rect; // x0, y0 (top left), x1, y1 (bottom right)
uniform float flip;
out vec2 v_uv;

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    v_uv = vec2(corner.x, abs(flip - corner.y));
    gl_Position = vec4(mix(rect.xy, rect.zw, corner), 0.0, 1.0);
}
