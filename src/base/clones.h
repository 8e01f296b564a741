/// CLONES before a function's definition compiles it for several x86-64 levels; the loader picks
/// one. The base stays portable and no -march=native is needed. Empty where there is no ifunc, and
/// under TSan, whose runtime is not up yet when ifuncs are resolved (the program would crash before
/// main).
///
/// FMA is off for all (-ffp-contract=off), and clones only widen the vectors over independent
/// lanes, so every clone gives the same bits.
#ifndef BASE_CLONES_H
#define BASE_CLONES_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CLONES_OFF
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define CLONES_OFF
#endif

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(CLONES_OFF)
// By features: gcc takes a processor's name (arch=skylake-avx512) for that maker's models alone, so
// that others with AVX-512 would get the AVX2 clone. clang knows no levels here.
#if defined(__clang__)
#if __clang_major__ < 14
#define CLONES
#else
#define CLONES __attribute__((target_clones("default", "avx2", "avx512vl")))
#endif
#elif __GNUC__ < 12
#define CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define CLONES __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#endif
#else
#define CLONES
#endif

#endif
