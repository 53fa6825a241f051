/* libFuzzer entry for one parser: compiled with -DFUZZ_TARGET=\"yaml\" and so on. */
#include <stdint.h>

#include "targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof fuzz_targets / sizeof *fuzz_targets; i++)
        if (strcmp(fuzz_targets[i].name, FUZZ_TARGET) == 0)
            fuzz_run(&fuzz_targets[i], (const char *)data, size);
    return 0;
}
