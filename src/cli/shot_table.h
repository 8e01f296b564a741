/// `saddle shot -o X.csv`: the numbers behind a view in place of its picture. No display is needed,
/// and no OpenGL.
#ifndef CLI_SHOT_TABLE_H
#define CLI_SHOT_TABLE_H

#include "cli/studio.h"

/// Whether a file of that name is to have numbers.
bool shot_is_table(const char *path);
/// Checks that one view of one run is asked for.  @return EXIT_DONE, or the code of what it
/// reported
int shot_table_check(const Options *options, const Look *look);
/// Surveys the view of a subject with filled snapshots, and writes.  @return as above
int shot_table(const Options *options, const Look *look, Subject *subject);

#endif
