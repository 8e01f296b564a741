// Help texts, made from the tables of subcommands and options.
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/output.h"

static int finish(void) {
    Output standard = {.stream = stdout};
    Error error;
    return output_commit(&standard, &error) ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}

enum { COLUMN = 26 }; // where explanations start

/// Pads a text that was printed to a column, counting characters of UTF-8, not bytes.
static void pad(const char *text, int column) {
    for (; *text; text++) column -= ((unsigned char)*text & 0xC0) != 0x80;
    do putchar(' ');
    while (--column > 0);
}

/// A text whose further lines are indented like the first.
static void print_text(const char *text) {
    for (; *text; text++) {
        putchar(*text);
        if (*text == '\n') printf("%*s", COLUMN, "");
    }
    putchar('\n');
}

static void print_option(const OptionInfo *info) {
    char left[80];
    char letter[8] = "";
    if (info->letter) snprintf(letter, sizeof letter, "-%c, ", info->letter);
    int width = snprintf(left, sizeof left, "  %s--%s%s%s", letter, info->name,
                         info->argument ? " " : "", info->argument ? info->argument : "");
    if (width >= COLUMN - 1)
        printf("%s\n%*s", left, COLUMN, "");
    else
        fputs(left, stdout), pad(left, COLUMN);
    print_text(info->help);
}

static void print_options(const Subcommand *subcommand) {
    fputs("\nOptions:\n", stdout);
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (subcommand->options & OPTION_BIT(id)) print_option(&option_table[id]);
    }
}

static void print_overview(void) {
    fputs("saddle: watch a neural network learn\n\n", stdout);
    for (const Subcommand *s = subcommands; s->run; s++) {
        char left[80];
        snprintf(left, sizeof left, "  saddle%s%s %s", s->name ? " " : "", s->name ? s->name : "",
                 s->arguments);
        fputs(left, stdout);
        pad(left, 32);
        puts(s->summary);
    }
    fputs("\n"
          "EXPERIMENT is the name of a built-in one (see saddle list experiments) or the path of\n"
          "a .json file. Each subcommand explains itself: saddle SUBCOMMAND --help\n"
          "\nOptions of the window:\n",
          stdout);
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (subcommands[0].options & OPTION_BIT(id)) print_option(&option_table[id]);
    }
    fputs("\nExit codes: 0 done, 1 the work failed, 2 the command line is wrong, 3 no display or\n"
          "no OpenGL 3.3, 130 interrupted.\n",
          stdout);
}

int help_print(const Subcommand *subcommand) {
    if (!subcommand || !subcommand->name) {
        print_overview();
        return finish();
    }
    printf("saddle %s %s: %s\n\n%s", subcommand->name, subcommand->arguments, subcommand->summary,
           subcommand->details);
    if (subcommand->more) subcommand->more();
    print_options(subcommand);
    return finish();
}

int version_print(void) {
    puts("saddle " SADDLE_VERSION);
    return finish();
}
