#include "rule/rule.h"
void match_all(struct repo *r, const struct catalogue *c, struct hits *out) { (void)r; (void)c; (void)out; }
