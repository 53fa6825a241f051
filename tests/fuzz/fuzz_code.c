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
        assert(t->at[i].start >= end && t->at[i].start + token_length(&t->at[i]) <= b.src.text.n);
        end = t->at[i].start + token_length(&t->at[i]);
    }
    assert(end <= b.src.text.n);
    read_program(&b.repo, &b.src);
    bench_close(&b);
    return 0;
}
