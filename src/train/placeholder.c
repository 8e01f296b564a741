typedef int train_empty;
