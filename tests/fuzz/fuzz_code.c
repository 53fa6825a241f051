#include "bench.h"
#include "doc/read_program.h"

/* The first byte chooses the language. Tokens lie one behind the other in the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench b;
    bench_open(&b, (sv){(const char *)data, size});
    b.src.lang = size == 0 ? LANG_PYTHON : (enum lang)(data[0] % LANG_COUNT);
    b.src.kind = SOURCE_CODE;
    const struct tokens *t = read_tokens(&b.repo, &b.src);
    size_t end = 0;
    for (size_t i = 0; t != NULL && i < t->n; i++) {
        assert(token_start(t->src, &t->at[i]) >= end && t->at[i].p == b.src.text.p + token_start(t->src, &t->at[i]));
        end = token_start(t->src, &t->at[i]) + t->at[i].n;
    }
    assert(end <= b.src.text.n);
    read_program(&b.repo, &b.src);
    bench_close(&b);
    return 0;
}
