/// Spreads a loop over the processors. nn exports ranges of rows; this hands them out.
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

/// Runs body(context, first, last) over consecutive chunks [first, last) that together cover [0,
/// n). Chunks are handed out in order as threads become free; the calling thread works too.
/// @param chunk    rows a call of body, at least 1
/// @param threads  how many threads work, 0: one a processor.  1 makes no thread.
/// Thread: any; returns when all is done.  Results must not depend on the chunks' order.
void parallel_for(int n, int chunk, int threads, void (*body)(void *context, int first, int last),
                  void *context);

#endif
