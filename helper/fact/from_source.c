#include "fact/fact.h"
void facts_from_source(struct facts *f) { (void)f; }
