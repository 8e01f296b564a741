#include "cli/landscape_plane.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/landscape_path.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "nn/curvature.h"

// Of the eigenvectors: so near that losses anywhere on the plane are right to five digits.
#define RESIDUAL 1e-6

int landscape_check_plane(const Options *options) {
    const char *name = plane_name(options->plane);
    bool between = options->plane == PLANE_BETWEEN;
    if (options_has(options, OPTION_TO) && !between) {
        return cli_fail(EXIT_USAGE, "--to %.200s: needs --plane between", options->to);
    }
    if (between && !options_has(options, OPTION_TO)) {
        return cli_fail(EXIT_USAGE, "--plane between: needs --to FILE, the weights at a = 1");
    }
    if (options->plane == PLANE_WEIGHTS) return EXIT_DONE;
    if (options_has(options, OPTION_AXES)) {
        return cli_fail(EXIT_USAGE,
                        "--axes: --plane %s has directions of its own: give one of both", name);
    }
    if (options_has(options, OPTION_RELATIVE)) {
        return cli_fail(EXIT_USAGE,
                        "--relative: has no meaning with --plane %s: its coordinates are counted "
                        "from the present weights as it is",
                        name);
    }
    if (options->plane == PLANE_PCA && options_has(options, OPTION_WEIGHTS_USE)) {
        return cli_fail(EXIT_USAGE, "--plane pca: with --weights nothing is trained, so there is "
                                    "no path: start from them with --init instead");
    }
    if (options->plane == PLANE_PCA && options_has(options, OPTION_EPOCHS) && options->epochs < 2) {
        return cli_fail(EXIT_USAGE,
                        "--plane pca: needs a path of at least 2 epochs: try --epochs 2 "
                        "or more");
    }
    return EXIT_DONE;
}

/// Stops the search for the directions, and says meanwhile how long it has been going on.
static bool look_up(void *context) {
    progress_wait(context);
    return interrupted();
}

static const Plane *hessian(const Session *session, bool quiet, Error *error) {
    Progress progress;
    progress_begin(&progress, "directions of the largest curvature", quiet);
    JobSplit train = job_split(session->data, false); // what training descends on
    CurvatureDesc desc = {.net = &session->net,
                          .loss = session->experiment->loss,
                          .x = train.x,
                          .t = train.t,
                          .n = train.n,
                          .cancel = look_up,
                          .context = &progress};
    const Plane *plane = curvature_plane(&desc, RESIDUAL, error);
    progress_end(&progress);
    return plane;
}

static const Plane *pca(const Session *session, const History *history, Error *error) {
    int count;
    const Path *path = history_path(history, &count);
    if (!path) {
        error_set(error, "not enough memory for the path");
        return NULL;
    }
    const PathDesc desc = {.weights = path->weights,
                           .n = (size_t)count,
                           .n_params = path->n_params,
                           .origin = session->net.params};
    return plane_pca(&desc, error);
}

static const Plane *make(const Options *options, const Session *session, const History *history,
                         const Network *to, Error *error) {
    uint64_t seed = session->experiment->seed;
    switch (options->plane) {
    case PLANE_RANDOM: return plane_random(&session->net, seed, error);
    case PLANE_PCA: return pca(session, history, error);
    case PLANE_HESSIAN: return hessian(session, options_has(options, OPTION_QUIET), error);
    case PLANE_BETWEEN: return plane_between(&session->net, to->params, seed, error);
    default: return NULL;
    }
}

const Plane *landscape_plane(const Options *options, const Session *session, const History *history,
                             const Network *to, int *code) {
    Error error = {0};
    const Plane *plane = make(options, session, history, to, &error);
    *code = EXIT_DONE;
    if (interrupted()) {
        *code = EXIT_INTERRUPTED;
        plane_release(plane);
        plane = NULL;
    } else if (!plane) {
        // The message says that it is about a plane, and here of which.
        static const char about[] = "plane: ";
        size_t said = strncmp(error.text, about, sizeof about - 1) == 0 ? sizeof about - 1 : 0;
        *code =
            cli_fail(EXIT_FAILED, "--plane %s: %s", plane_name(options->plane), error.text + said);
    }
    return plane;
}

// ---- facts ----------------------------------------------------------------------------------

static void number(FILE *stream, double value) {
    if (isfinite(value))
        output_double(stream, value);
    else
        fputs("null", stream);
}

static void numbers(FILE *stream, const char *key, const double values[2]) {
    fprintf(stream, ", \"%s\": [", key);
    number(stream, values[0]);
    fputs(", ", stream);
    number(stream, values[1]);
    fputc(']', stream);
}

/// How many bytes a character of UTF-8 takes there; 0 where there is none.
static int character(const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    if (*at < 0x80) return 1;
    int n = *at >= 0xF0 ? 4 : *at >= 0xE0 ? 3 : 2;
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (*at < 0xC2 || *at > 0xF4) return 0;
    unsigned code = *at & (0xFFu >> (n + 1));
    for (int i = 1; i < n; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | (at[i] & 0x3Fu);
    }
    bool surrogate = code >= 0xD800 && code < 0xE000;
    return code < smallest[n] || code > 0x10FFFF || surrogate ? 0 : n;
}

/// A file's name may hold any bytes, JSON only UTF-8: what is none becomes U+FFFD.
static void string(FILE *stream, const char *text) {
    fputc('"', stream);
    while (*text) {
        int n = character(text);
        if (n == 0)
            fputs("\\ufffd", stream), n = 1;
        else if ((unsigned char)*text < 0x20)
            fprintf(stream, "\\u%04x", (unsigned)*text);
        else if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else
            fwrite(text, 1, (size_t)n, stream);
        text += n;
    }
    fputc('"', stream);
}

/// The rate of the epoch that was trained last, as the log has it.
static float learning_rate(const Session *session) {
    int64_t epoch = landscape_epoch(session);
    return session_learning_rate(session, epoch > 0 ? epoch - 1 : 0);
}

void landscape_write_facts(const PlaneFacts *facts, FILE *stream) {
    const Plane *plane = facts->plane;
    const Session *session = facts->session;
    fprintf(stream, "{\"plane\": \"%s\", \"epoch\": %" PRId64 ", \"split\": \"%s\", \"loss\": ",
            plane_name(plane->kind), landscape_epoch(session),
            facts->test_split ? "test" : "train");
    number(stream, facts->loss);
    fputs(", \"range\": [[", stream);
    for (int k = 0; k < 2; k++) {
        number(stream, facts->range[k][0]);
        fputs(", ", stream);
        number(stream, facts->range[k][1]);
        fputs(k == 0 ? "], [" : "]]", stream);
    }
    switch (plane->kind) {
    case PLANE_RANDOM: fputs(", \"filter_normalised\": true", stream); break;
    case PLANE_PCA: numbers(stream, "explained_variance", plane->explained); break;
    case PLANE_HESSIAN:
        numbers(stream, "eigenvalues", plane->eigenvalues);
        numbers(stream, "residuals", plane->residuals);
        fprintf(stream, ", \"optimizer\": \"%s\", \"largest_stable_learning_rate\": ",
                optimizer_name(session->optimizer.desc.kind));
        number(stream,
               optimizer_stable_rate(&session->optimizer.desc,
                                     plane->eigenvalues[0] + (double)session->experiment->l2));
        fputs(", \"learning_rate\": ", stream);
        output_float(stream, learning_rate(session)); // always finite
        break;
    case PLANE_BETWEEN:
        fputs(", \"distance\": ", stream);
        number(stream, sqrt(plane->gram[0]));
        fputs(", \"to\": ", stream);
        string(stream, facts->to);
        if (session->net.n_values > session->net.n_params) // of batch norms
            fputs(", \"running_statistics\": \"of the present weights\"", stream);
        break;
    default: break;
    }
    if (plane->kind == PLANE_RANDOM || plane->kind == PLANE_BETWEEN)
        fprintf(stream, ", \"seed\": %" PRIu64, session->experiment->seed);
    fputs("}\n", stream);
}
