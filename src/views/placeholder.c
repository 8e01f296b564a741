typedef int views_empty;
