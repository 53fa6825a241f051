#include "bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench b;
    bench_open(&b, (sv){(const char *)data, size});
    struct doc *d = read_json(&b.repo, &b.src);
    if (d != NULL) {
        assert(utf8_valid(b.src.text));
        tree_is_sound(d->root);
        sources_are_sound(&b.arena, d->root);
    }
    bench_close(&b);
    return 0;
}
