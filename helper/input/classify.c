#include "input/repo.h"
void classify(struct source *s) { (void)s; }
