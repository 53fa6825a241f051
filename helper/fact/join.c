#include "fact/fact.h"
void facts_join(struct facts *f) { (void)f; }
