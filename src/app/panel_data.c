/// The side panel's section of what is learned.
#include <math.h>
#include <string.h>

#include "app/panel.h"

/// How many of the samples are kept for testing. A file's split is its own.
static void test_share(Chrome *chrome, Rect *r, const DatasetKind *kind) {
    if (kind->version) return;
    const DatasetDesc *data = &chrome->run->experiment->data;
    double share =
        (double)(data->has_test_fraction ? data->test_fraction : kind->default_test_fraction);
    share = round(share * 1e6) / 1e6;
    UiSlider desc = {.hi = fmax(0.9, share),
                     .step = 0.05,
                     .label = chrome_text(chrome, "share for testing", "测试比例")};
    if (!panel_drafted(chrome, r, "data.test_fraction", desc, &chrome->test_share, &share)) return;
    Experiment *edited = edit_begin(chrome->run);
    if (edited) {
        edited->data.test_fraction = (float)share;
        edited->data.has_test_fraction = true;
    }
    panel_finish(chrome, edited);
}

void panel_data(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const DatasetKind *kinds[PANEL_ITEMS_MAX];
    const char *items[PANEL_ITEMS_MAX];
    int n = 0, index = -1;
    for (int i = 0; dataset_kinds[i] && dataset_kinds[i]->name && n < PANEL_ITEMS_MAX; i++) {
        if (!edit_data_fits(run, dataset_kinds[i])) continue;
        kinds[n] = dataset_kinds[i];
        items[n] = dataset_kinds[i]->name;
        if (strcmp(items[n], run->experiment->data.kind) == 0) index = n;
        n++;
    }
    if (panel_menu(chrome, r, "data.kind", chrome_text(chrome, "set", "数据集"), items, n,
                   &index)) {
        Experiment *edited = edit_begin(run);
        if (edited) edit_data(edited, kinds[index]->name);
        panel_finish(chrome, edited);
        return;
    }
    const DatasetKind *kind = index >= 0 ? kinds[index] : NULL;
    if (!kind || kind->default_samples == 0) return; // all samples are the file's
    double samples = (double)run->data->n;
    double least = kind->default_samples < 20 ? kind->min_samples : fmax(kind->min_samples, 20);
    double most = fmax(2000, 2 * (double)kind->default_samples);
    UiSlider desc = {.lo = fmin(least, samples),
                     .hi = fmax(most, samples),
                     .step = samples > 2000 ? 100
                             : least < 20   ? 1
                                            : 10,
                     .log = true,
                     .label = chrome_text(chrome, "samples", "样本数")};
    if (panel_drafted(chrome, r, "data.samples", desc, &chrome->samples, &samples)) {
        Experiment *edited = edit_begin(run);
        if (edited) {
            edited->data.samples = (int)samples;
            edited->data.has_samples = true;
        }
        panel_finish(chrome, edited);
    }
    const DatasetDesc *data = &run->experiment->data;
    double noise = (double)(data->has_noise ? data->noise : kind->default_noise);
    noise = round(noise * 1e6) / 1e6; // 0.1f is 0.1
    desc = (UiSlider){
        .hi = fmax(kind->default_noise > 0 ? 4.0 * (double)kind->default_noise : 0.5, noise),
        .step = kind->default_noise > 0.5f ? 0.1 : 0.01,
        .label = chrome_text(chrome, "noise", "噪声")};
    if (panel_drafted(chrome, r, "data.noise", desc, &chrome->noise, &noise)) {
        Experiment *edited = edit_begin(run);
        if (edited) {
            edited->data.noise = (float)noise;
            edited->data.has_noise = true;
        }
        panel_finish(chrome, edited);
    }
    test_share(chrome, r, kind);
}
