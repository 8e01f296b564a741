typedef int nn_empty;
