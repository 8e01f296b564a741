#version 330 core
// A picture with premultiplied alpha.
in vec2 v_uv;
uniform sampler2D image;
out vec4 color;

void main() {
    color = texture(image, v_uv);
}
