typedef int capture_empty;
