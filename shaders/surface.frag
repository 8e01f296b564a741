#version 330 core
// Colour map, soft light, and contour lines whose width is measured on the screen. They fade where
// they would lie closer than a few pixels, and on plateaus, where a whole area can be one level.
in vec2 v_uv;
uniform sampler2D grid; // value, dz/dx, dz/dy
uniform sampler2D map;
uniform vec3 light;    // unit, from the surface to the light
uniform vec3 eye;      // unit, from the surface to the eye
uniform vec4 tint;     // colour, how much of it
uniform vec2 look;     // alpha, how much light counts
uniform float top;     // what has a larger value is not there: holes, and what is cut off
uniform vec4 contour;  // lines a unit of value, offset, width in pixels, alpha
uniform vec4 contour_color; // a: 0 takes the map's colour
out vec4 color;

// What a unit of value is high in the world, about; and from how many lines a world unit on the
// ground is a cliff, on which the grid's teeth would tear them to dots.
const float RISE = 0.88;
const vec2 CLIFF = vec2(200.0, 320.0);

void main() {
    vec3 here = texture(grid, v_uv).rgb;
    float value = here.r;
    float level = value * contour.x + contour.y;
    float slope = length(vec2(dFdx(level), dFdy(level)));
    if (value > top) discard;
    vec3 rgb = mix(texture(map, vec2(value * (255.0 / 256.0) + 0.5 / 256.0, 0.5)).rgb, tint.rgb, tint.a);

    vec3 normal = normalize(vec3(-here.gb, 1.0));
    float facing = dot(normal, eye);
    float lambert = dot(normal, light) * sign(facing);
    float rim = 1.0 - abs(facing);
    float shade = 0.56 + 0.26 * lambert + 0.26 * max(lambert, 0.0) - 0.12 * step(facing, 0.0);
    vec3 lit = rgb * shade + 0.08 * rim * rim * rim;
    rgb = mix(rgb, lit, look.y);

    float away = abs(fract(level + 0.5) - 0.5) / max(slope, 1e-6);
    float line = clamp(0.5 * contour.z + 0.5 - away, 0.0, 1.0) * contour.w;
    line *= 1.0 - smoothstep(CLIFF.x, CLIFF.y, length(here.gb) * contour.x / RISE);
    line *= 1.0 - smoothstep(1.0, 1.005, value); // beyond the axis all is clipped
    line *= smoothstep(0.0005, 0.002, slope) * (1.0 - smoothstep(0.18, 0.40, slope));
    rgb = mix(rgb, mix(rgb, contour_color.rgb, contour_color.a), line);
    color = vec4(rgb, 1.0) * mix(look.x, 1.0, line);
}
