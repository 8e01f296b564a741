typedef int app_empty;
