#include "bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench b;
    bench_open(&b, (sv){(const char *)data, size});
    for (struct doc *d = read_yaml(&b.repo, &b.src); d != NULL; d = d->next) {
        tree_is_sound(d->root);
        sources_are_sound(&b.arena, d->root);
    }
    bench_close(&b);
    return 0;
}
