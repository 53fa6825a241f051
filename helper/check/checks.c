#include "check/check.h"
const struct check check_table[] = {{0}};
void checks_run(const struct facts *f, struct verdicts *out) { (void)f; (void)out; }
