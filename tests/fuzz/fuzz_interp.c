#include "bench.h"
#include "fact/fact.h"

/* Compose interpolation and image references: two small grammars over one scalar. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench b;
    bench_open(&b, (sv){(const char *)data, size});
    struct interp in = {.valid = false};
    struct image_ref image = {.ref = b.src.text};
    interp_parse(&b.arena, b.src.text, &in);
    for (size_t i = 0; i < in.vars.n; i++)
        assert(in.vars.at[i]->start <= in.vars.at[i]->end && in.vars.at[i]->end <= b.src.text.n);
    image_parse(&b.arena, b.src.text, &image);
    assert(!image.pinned || image.digest.n == 64);
    bench_close(&b);
    return 0;
}
