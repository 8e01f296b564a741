typedef int cli_empty;
