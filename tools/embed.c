// Writes OUT.c with every named file as a byte array, and the table that base/resource.c looks them
// up in. Usage: embed OUT.c FILE…; names are kept as given. Arrays of bytes, because -Wpedantic
// limits strings to 4095.

#include <stdio.h>
#include <stdlib.h>

static int fail(const char *what) {
    perror(what);
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc < 2) return EXIT_FAILURE;
    FILE *out = fopen(argv[1], "w");
    if (!out) return fail(argv[1]);
    fputs("#include \"base/resource.h\"\n\n", out);
    for (int i = 2; i < argc; i++) {
        FILE *in = fopen(argv[i], "rb");
        if (!in) return fail(argv[i]);
        fprintf(out, "static const unsigned char data_%d[] = {", i);
        int c;
        for (long n = 0; (c = fgetc(in)) != EOF; n++) {
            fprintf(out, n % 20 ? "%d," : "\n%d,", c);
        }
        // A closing zero lets text be used as a C string; it is not counted in the size.
        fputs("\n0};\n", out);
        if (ferror(in) || fclose(in) != 0) return fail(argv[i]);
    }
    fputs("\nconst Resource resource_table[] = {\n", out);
    for (int i = 2; i < argc; i++) {
        fprintf(out, "    {\"%s\", data_%d, sizeof(data_%d) - 1},\n", argv[i], i, i);
    }
    fputs("    {0, 0, 0},\n};\n", out);
    return fclose(out) == 0 ? EXIT_SUCCESS : fail(argv[1]);
}
