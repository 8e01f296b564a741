/// What each subcommand's file offers the table in cli.c.
#ifndef CLI_SUBCOMMANDS_H
#define CLI_SUBCOMMANDS_H

#include "cli/options.h"

/// Each does its work from the options and reports its own errors.  @return the exit code
int cli_run(const Options *options);
int cli_train(const Options *options);
int cli_data(const Options *options);
int cli_predict(const Options *options);
int cli_landscape(const Options *options);
int cli_gradcheck(const Options *options);
int cli_sweep(const Options *options);
int cli_shot(const Options *options);
int cli_record(const Options *options);
int cli_list(const Options *options);
int cli_bench(const Options *options);

/// The list of its jobs, for the help.
void bench_print_jobs(void);

#endif
