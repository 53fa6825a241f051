#include "rule/rule.h"
void catalogue_load(struct catalogue *c, struct arena *a) { (void)c; (void)a; }
const struct rule *catalogue_find(const struct catalogue *c, sv id) { (void)c; (void)id; return NULL; }
