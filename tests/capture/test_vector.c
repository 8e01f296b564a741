// Vector files: what SVG says of each primitive, that areas close up, that both kinds repeat to the
// byte and leave nothing behind when they fail. (That pictures come out right, tests/cli/figure.sh
// asks other programs.)
#include "capture/vector.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

static const Color red = {1, 0, 0, 1}, blue = {0, 0, 1, 1}, clear = {0, 0, 0, 0};
static char folder[64];

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/saddle-vector-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder);
}

static int files_in_folder(void) {
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

/// 100 x 50 points, two pixels a point.
static Vector *create(const char *name, Color ground) {
    Error error = {""};
    Vector *v = vector_create(&(VectorDesc){.name = name,
                                            .title = "a < b & “c”",
                                            .author = "test",
                                            .width = 100,
                                            .height = 50,
                                            .pixels_across = 200,
                                            .dpi = 72,
                                            .ground = ground},
                              &error);
    if (!v) fail_msg("%s", error.text);
    return v;
}

typedef void Draw(const GfxSink *sink);

static FontChain chain;

/// What a drawing becomes.  @return the file's bytes, to be freed
static char *drawn(const char *name, Draw *draw, Color ground, size_t *size) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    Vector *v = create(path, ground);
    if (draw) draw(vector_sink(v));
    Error error = {""};
    if (!vector_write(v, path, &error)) fail_msg("%s", error.text);
    vector_destroy(v);
    char *bytes = file_read(path, 1 << 24, size, &error);
    assert_non_null(bytes);
    unlink(path);
    return bytes;
}

static void assert_svg_has(Draw *draw, const char *wanted) {
    size_t size;
    char *svg = drawn("x.svg", draw, clear, &size);
    if (!strstr(svg, wanted)) fail_msg("no %s in %s", wanted, svg);
    assert_string_equal(svg + size - 7, "</svg>\n");
    free(svg);
}

static void a_file_says_its_size_and_title(void **state) {
    (void)state;
    assert_svg_has(NULL, "width=\"35.28mm\" height=\"17.64mm\" viewBox=\"0 0 100 50\"");
    assert_svg_has(NULL, "<title>a &lt; b &amp; “c”</title>");
    size_t size;
    char *svg = drawn("x.svg", NULL, (Color){1, 1, 1, 1}, &size);
    assert_non_null(strstr(svg, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"));
    free(svg);
    svg = drawn("x.svg", NULL, clear, &size);
    assert_null(strstr(svg, "<rect"));
    free(svg);
}

static void draw_boxes(const GfxSink *s) {
    s->fill_box(s->context, (Rect){10, 20, 30, 40}, 5, red);
    s->fill_box(s->context, (Rect){10, 20, 30, 30}, 15, color_alpha(red, 0.5f));
    s->stroke_box(s->context, (Rect){1, 2, 3, 4}, 0, 1, blue);
}

static void boxes_and_circles(void **state) {
    (void)state;
    assert_svg_has(
        draw_boxes,
        "<rect x=\"5\" y=\"10\" width=\"15\" height=\"20\" rx=\"2.5\" fill=\"#ff0000\"/>");
    assert_svg_has(draw_boxes, "<circle cx=\"12.5\" cy=\"17.5\" r=\"7.5\" fill=\"#ff0000\" "
                               "fill-opacity=\"0.5\"/>");
    assert_svg_has(draw_boxes, "<rect x=\"0.5\" y=\"1\" width=\"1.5\" height=\"2\" fill=\"none\" "
                               "stroke=\"#0000ff\" stroke-width=\"0.5\" "
                               "stroke-linejoin=\"miter\"/>");
}

static void draw_neighbours(const GfxSink *s) {
    s->fill_box(s->context, (Rect){0, 0, 10, 10}, 0, red);
    s->fill_box(s->context, (Rect){10, 0, 10, 10}, 0, red);
    s->fill_triangle(s->context, (float[]){20, 0, 20, 10, 30, 0}, red); // turns the other way
    s->fill_box(s->context, (Rect){20, 20, 10, 10}, 0, red);
    s->fill_box(s->context, (Rect){0, 40, 10, 10}, 0, blue);
    s->fill_box(s->context, (Rect){0, 50, 10, 10}, 0, red);
    s->fill_box(s->context, (Rect){10, 50, 10, 10}, 0, (Color){0.95f, 0, 0, 1});
}

static void what_touches_shows_no_seam(void **state) {
    (void)state;
    // Of one colour: one area, all of it turning the same way.
    assert_svg_has(draw_neighbours, "<path d=\"M0 0L5 0L5 5L0 5ZM5 0L10 0L10 5L5 5Z"
                                    "M10 0L15 0L10 5ZM10 10L15 10L15 15L10 15Z\" "
                                    "fill=\"#ff0000\"/>");
    // Of two colours: the first one reaches below the second; a ramp's steps all the way.
    assert_svg_has(draw_neighbours,
                   "<rect x=\"0\" y=\"20\" width=\"5\" height=\"7.5\" fill=\"#0000ff\"/>\n"
                   "<rect x=\"0\" y=\"25\" width=\"10\" height=\"5\" fill=\"#ff0000\"/>\n"
                   "<rect x=\"5\" y=\"25\" width=\"5\" height=\"5\" fill=\"#f20000\"/>");
}

static void draw_lines(const GfxSink *s) {
    const float xy[] = {0, 0, 10, 10, 20, 0, 30, 0};
    const Color colors[] = {red, red, blue, blue};
    s->line(s->context, xy, 2, &red, 0, 4, 3);
    s->line(s->context, xy, 2, colors, 1, 4, 3);
    const float closed[] = {0, 0, 7, 10, 0, 9, 10, 10, 9, 0, 0, 7}; // with depths
    s->line(s->context, closed, 3, &blue, 0, 4, 1);
    s->line(s->context, xy + 2, 2, &red, 0, 1, 3);
}

static void lines_come_in_their_colours(void **state) {
    (void)state;
    const char *end = "fill=\"none\" stroke=\"#ff0000\" stroke-width=\"1.5\"/>\n";
    char wanted[512];
    snprintf(wanted, sizeof wanted,
             "<path d=\"M0 0L5 5L10 0L15 0\" %s<path d=\"M0 0L5 5\" %s"
             "<path d=\"M5 5L10 0\" fill=\"none\" stroke=\"#800080\" stroke-width=\"1.5\"/>\n"
             "<path d=\"M10 0L15 0\" fill=\"none\" stroke=\"#0000ff\" stroke-width=\"1.5\"/>\n",
             end, end);
    assert_svg_has(draw_lines, wanted);
    assert_svg_has(draw_lines, "<path d=\"M0 0L5 0L5 5Z\" fill=\"none\"");
    assert_svg_has(draw_lines, "<path d=\"M5 5L5 5\" fill=\"none\""); // a dot
}

static void draw_clipped(const GfxSink *s) {
    s->clip(s->context, (Rect){10, 10, 20, 20});
    s->fill_box(s->context, (Rect){0, 0, 10, 10}, 1, red);
    s->clip(s->context, (Rect){0, 0, 200, 100});
    s->fill_box(s->context, (Rect){0, 0, 10, 10}, 1, blue);
    s->clip(s->context, (Rect){10, 10, 20, 22});
    s->fill_box(s->context, (Rect){0, 0, 10, 10}, 1, red);
}

static void clips_are_groups(void **state) {
    (void)state;
    assert_svg_has(
        draw_clipped,
        "<clipPath id=\"c1\"><rect x=\"5\" y=\"5\" width=\"10\" height=\"10\"/></clipPath>\n"
        "<g clip-path=\"url(#c1)\">\n"
        "<rect x=\"0\" y=\"0\" width=\"5\" height=\"5\" rx=\"0.5\" fill=\"#ff0000\"/>\n"
        "</g>\n<rect x=\"0\" y=\"0\" width=\"5\" height=\"5\" rx=\"0.5\" "
        "fill=\"#0000ff\"/>\n<clipPath id=\"c2\">");
    assert_svg_has(draw_clipped, "fill=\"#ff0000\"/>\n</g>\n</svg>");
}

static void draw_words(const GfxSink *s) {
    static const SinkGlyph glyphs[] = {{'<', 0, 0},   {'&', 0, 10},    {'"', 0, 20}, {1, 0, 30},
                                       {0xe9, 0, 40}, {0x6f22, 0, 50}, {' ', 0, 60}, {'1', 0, 70}};
    SinkText text = {.glyphs = glyphs,
                     .n = 8,
                     .x = 20,
                     .y = 40,
                     .ux = 1,
                     .width = 80,
                     .size = 16,
                     .style = {.align = TEXT_RIGHT, .color = red, .tabular = true},
                     .fonts = &chain};
    s->text(s->context, &text);
    text.ux = 0;
    text.uy = -1;
    text.style.align = TEXT_CENTER;
    text.style.weight = TEXT_BOLD;
    s->text(s->context, &text);
}

static void text_is_text(void **state) {
    (void)state;
    assert_svg_has(draw_words, "<text x=\"50\" y=\"20\" text-anchor=\"end\" "
                               "font-family=\"'DejaVu Sans', sans-serif\" font-size=\"8\" "
                               "style=\"font-variant-numeric:tabular-nums\" fill=\"#ff0000\">"
                               "&lt;&amp;&quot;\xef\xbf\xbdé漢 1</text>");
    assert_svg_has(draw_words, "<text x=\"10\" y=\"0\" transform=\"rotate(-90 10 0)\" "
                               "text-anchor=\"middle\"");
    assert_svg_has(draw_words, "font-weight=\"bold\"");
}

static void draw_picture(const GfxSink *s) {
    static uint8_t pixels[16 * 8 * 4];
    for (int i = 0; i < 16 * 8 * 4; i++) pixels[i] = (uint8_t)(i % 4 == 3 ? 255 : i);
    s->image(s->context, pixels, 16, 8, (Rect){20, 20, 32, 16}, true);
    pixels[3] = 0;
    s->image(s->context, pixels, 16, 8, (Rect){60, 20, 32, 16}, false);
}

static void draw_all(const GfxSink *s) {
    draw_boxes(s);
    draw_neighbours(s);
    draw_clipped(s);
    draw_lines(s);
    draw_words(s);
    draw_picture(s);
}

static void images_are_embedded(void **state) {
    (void)state;
    assert_svg_has(draw_picture, "<image x=\"10\" y=\"10\" width=\"16\" height=\"8\" "
                                 "preserveAspectRatio=\"none\" "
                                 "xlink:href=\"data:image/png;base64,iVBORw0KGgo");
}

static void files_repeat_to_the_byte(void **state) {
    (void)state;
    static const char *const names[] = {"a.svg", "a.PDF"};
    for (int i = 0; i < 2; i++) {
        size_t size[2];
        char *bytes[2];
        for (int k = 0; k < 2; k++) bytes[k] = drawn(names[i], draw_all, red, &size[k]);
        assert_int_equal(size[0], size[1]);
        assert_memory_equal(bytes[0], bytes[1], size[0]);
        assert_memory_equal(bytes[0], i ? "%PDF-" : "<?xml", 5);
        for (int k = 0; k < 2; k++) free(bytes[k]);
    }
    assert_int_equal(files_in_folder(), 0);
}

static void what_fails_leaves_nothing(void **state) {
    (void)state;
    Error error = {""};
    assert_true(vector_wanted("a.b/c.svg") && vector_wanted("c.Pdf"));
    assert_false(vector_wanted("c.png") || vector_wanted("svg") || vector_wanted("c.svg/x"));
    static const char *const names[] = {"full.svg", "full.pdf"};
    for (int i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(symlink("/dev/full", path), 0);
        Vector *v = create(names[i], red);
        draw_all(vector_sink(v));
        assert_false(vector_write(v, path, &error));
        assert_non_null(strstr(error.text, names[i]));
        assert_non_null(strstr(error.text, "No space left"));
        vector_destroy(v);
        unlink(path);
        v = create(names[i], red); // given up
        draw_all(vector_sink(v));
        vector_destroy(v);
        v = create(names[i], red);
        snprintf(path, sizeof path, "/nowhere/%s", names[i]);
        assert_false(vector_write(v, path, &error));
        assert_non_null(strstr(error.text, path));
        vector_destroy(v);
        assert_int_equal(files_in_folder(), 0);
    }
    const VectorDesc desc = {
        .name = "x.png", .title = "", .author = "", .width = 9, .height = 9, .dpi = 72};
    assert_null(vector_create(&desc, &error));
    assert_non_null(strstr(error.text, "x.png"));
    vector_destroy(NULL);
}

int main(void) {
    FontChain chains[2];
    Error error;
    if (!fonts_find("DejaVu Sans", chains, &error)) return 1;
    chain = chains[0];
    chain.count = 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_says_its_size_and_title),
        cmocka_unit_test(boxes_and_circles),
        cmocka_unit_test(what_touches_shows_no_seam),
        cmocka_unit_test(lines_come_in_their_colours),
        cmocka_unit_test(clips_are_groups),
        cmocka_unit_test(text_is_text),
        cmocka_unit_test(images_are_embedded),
        cmocka_unit_test(files_repeat_to_the_byte),
        cmocka_unit_test(what_fails_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
