/// The command line: one file a subcommand, and what they share.
#ifndef CLI_CLI_H
#define CLI_CLI_H

/// Exit codes, as the contract with the outside has them.
typedef enum ExitCode {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NO_DISPLAY = 3,
    EXIT_INTERRUPTED = 130,
} ExitCode;

int cli_main(int argc, char **argv);

/// Prints one line "saddle: MESSAGE" on stderr.  @return code
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
int cli_fail(ExitCode code, const char *format, ...);

#endif
