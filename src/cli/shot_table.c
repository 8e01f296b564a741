#include "cli/shot_table.h"

#include "app/export.h"
#include "base/file.h"
#include "cli/interrupt.h"
#include "cli/job.h"

bool shot_is_table(const char *path) {
    return file_ends_in(path, ".csv");
}

int shot_table_check(const Options *options, const Look *look) {
    if (options->compare) {
        return cli_fail(EXIT_USAGE, "-o %.200s: numbers are of one run: leave --compare out",
                        options->output);
    }
    if (look->n_views == 1) return EXIT_DONE;
    return cli_fail(EXIT_USAGE,
                    "-o %.200s: numbers are of one view: name it with --view ID (see saddle list "
                    "views)",
                    options->output);
}

int shot_table(const Options *options, const Look *look, Subject *subject) {
    Error error;
    subject->layout = layout_create_views(subject->run.experiment, look->views, 1);
    if (!subject->layout) return cli_fail(EXIT_FAILED, "shot: out of memory");
    subject->frame = (LayoutFrame){.theme = look->theme,
                                   .scale = look->scale,
                                   .area = {0, 0, (float)look->width, (float)look->height},
                                   .run = &subject->run,
                                   .n_rivals = subject->n_rivals,
                                   .chinese = look->chinese,
                                   .resting = true,
                                   .numbers = true};
    for (int i = 0; i < subject->n_rivals; i++) subject->frame.rivals[i] = &subject->rivals[i];
    if (!layout_survey_now(subject->layout, &subject->frame, 0, &error))
        return job_fail(options, error.text);
    ViewNumbers *numbers = layout_numbers(subject->layout, 0, &subject->frame, &error);
    const bool good = numbers && view_numbers_measure(numbers, 0, &error) && !interrupted() &&
                      export_numbers(numbers, options->output, NULL, &error);
    view_numbers_destroy(numbers);
    if (!good && interrupted()) return EXIT_INTERRUPTED;
    return good ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}
