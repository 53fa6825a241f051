#include "bench.h"

static void check_pair(void *ctx, sv key, sv value, bool has_value, struct place p)
{
    const struct instruction *i = ctx;
    assert(has_value || value.p == NULL);
    assert(key.n + value.n <= i->args.n);
    place_is_inside(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench b;
    bench_open(&b, (sv){(const char *)data, size});
    struct dockerfile *d = read_dockerfile(&b.repo, &b.src);
    if (d != NULL) {
        file_is_sound(d);
        for (size_t i = 0; i < d->instructions.n; i++)
            instruction_pairs(&b.arena, d->instructions.at[i], check_pair, d->instructions.at[i]);
    }
    bench_close(&b);
    return 0;
}
