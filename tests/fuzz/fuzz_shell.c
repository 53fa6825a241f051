#include "bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench b;
    bench_open(&b, (sv){(const char *)data, size});
    struct shell *shell = read_shell(&b.repo, &b.src);
    for (size_t i = 0; shell != NULL && i < shell->commands.n; i++) {
        const struct command *c = shell->commands.at[i];
        place_is_inside(c->place);
        for (size_t k = 0; k < c->n; k++)
            place_is_inside(c->words[k].place);
        for (const struct assign *x = c->assigns; x != NULL; x = x->next)
            place_is_inside(x->place);
    }
    bench_close(&b);
    return 0;
}
