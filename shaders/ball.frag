#version 330 core
// A ball of constant size on the screen, lit from the upper left, with a dark rim.
in vec2 v_local; // pixels, y up
uniform vec2 radius; // of the ball, with the rim
uniform vec4 fill;
uniform vec4 rim;
out vec4 color;

void main() {
    float r = length(v_local);
    vec2 p = v_local / radius.x;
    vec3 normal = vec3(p, sqrt(max(1.0 - dot(p, p), 0.0)));
    float lambert = dot(normal, vec3(-0.42, 0.56, 0.714));
    float shine = pow(max(dot(normal, vec3(-0.25, 0.33, 0.91)), 0.0), 40.0);
    vec3 rgb = fill.rgb * (0.62 + 0.44 * lambert) + 0.35 * shine;
    float inside = clamp(radius.x + 0.5 - r, 0.0, 1.0);
    float outside = clamp(radius.y + 0.5 - r, 0.0, 1.0) * rim.a;
    float a = inside * fill.a;
    color = vec4(rgb * a, a) + vec4(rim.rgb, 1.0) * outside * (1.0 - a);
}
