// Asks fontconfig for families by name and takes an answer only where it is that family: its
// substitutes would make the same text look different from one machine to the next.
#include "gfx/fonts.h"

#include <fontconfig/fontconfig.h>
#include <stdio.h>
#include <string.h>

/// @param exact  only that very family
static bool find(FcConfig *config, const char *family, TextWeight weight, bool exact,
                 FontFile *file) {
    FcPattern *wanted = FcPatternCreate();
    if (!wanted) return false;
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)family);
    FcPatternAddInteger(wanted, FC_WEIGHT,
                        weight == TEXT_BOLD ? FC_WEIGHT_DEMIBOLD : FC_WEIGHT_REGULAR);
    FcPatternAddInteger(wanted, FC_SLANT, FC_SLANT_ROMAN);
    FcPatternAddInteger(wanted, FC_WIDTH, FC_WIDTH_NORMAL);
    FcPatternAddBool(wanted, FC_SCALABLE, FcTrue);
    FcPatternAddBool(wanted, FC_VARIABLE, FcFalse); // SDL2_ttf shows them in their default weight
    FcConfigSubstitute(config, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    FcResult result;
    FcPattern *match = FcFontMatch(config, wanted, &result);
    bool found = false;
    FcChar8 *path = NULL;
    int index = 0;
    if (match && FcPatternGetString(match, FC_FILE, 0, &path) == FcResultMatch) {
        FcPatternGetInteger(match, FC_INDEX, 0, &index);
        FcChar8 *name = NULL;
        found = !exact;
        for (int i = 0; FcPatternGetString(match, FC_FAMILY, i, &name) == FcResultMatch; i++) {
            found = found || FcStrCmpIgnoreCase(name, (const FcChar8 *)family) == 0;
        }
        int length = snprintf(file->path, sizeof file->path, "%s", (const char *)path);
        if (FcPatternGetString(match, FC_FAMILY, 0, &name) != FcResultMatch) name = NULL;
        snprintf(file->family, sizeof file->family, "%s", name ? (const char *)name : "sans-serif");
        found = found && length > 0 && (size_t)length < sizeof file->path;
        file->index = index & 0xffff; // the upper half names an instance of a variable font
        int own = FC_WEIGHT_REGULAR;
        FcPatternGetInteger(match, FC_WEIGHT, 0, &own);
        file->embolden = weight == TEXT_BOLD && own < FC_WEIGHT_DEMIBOLD;
    }
    if (match) FcPatternDestroy(match);
    FcPatternDestroy(wanted);
    return found;
}

static void append(FontChain *chain, const FontFile *file) {
    for (int i = 0; i < chain->count; i++) {
        const FontFile *had = &chain->faces[i];
        if (strcmp(had->path, file->path) == 0 && had->index == file->index) return;
    }
    if (chain->count < FONT_FACES_MAX) chain->faces[chain->count++] = *file;
}

bool fonts_find(const char *family, FontChain chains[2], Error *error) {
    static const char *const text[] = {"Inter", "Noto Sans", "DejaVu Sans"};
    static const char *const chinese[] = {"Noto Sans CJK SC", "WenQuanYi Micro Hei"};
    FcConfig *config = FcInitLoadConfigAndFonts();
    if (!config) return error_set(error, "fonts: fontconfig cannot read its configuration");
    FontFile file;
    bool found = false;
    for (int weight = 0; weight < 2; weight++) {
        FontChain *chain = &chains[weight];
        chain->count = 0;
        TextWeight w = weight ? TEXT_BOLD : TEXT_REGULAR;
        if (family) {
            found = find(config, family, w, true, &file);
        } else {
            found = false;
            for (size_t i = 0; i < sizeof text / sizeof *text && !found; i++) {
                found = find(config, text[i], w, true, &file);
            }
            if (!found) found = find(config, "sans-serif", w, false, &file);
        }
        if (!found) break;
        append(chain, &file);
        if (find(config, "DejaVu Sans", w, true, &file)) append(chain, &file);
        for (size_t i = 0; i < sizeof chinese / sizeof *chinese; i++) {
            if (!find(config, chinese[i], w, true, &file)) continue;
            append(chain, &file);
            break;
        }
    }
    FcConfigDestroy(config);
    if (found) return true;
    if (family) return error_set(error, "fonts: %s is not installed", family);
    return error_set(error, "fonts: none found; install fonts-dejavu-core");
}
