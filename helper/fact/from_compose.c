#include "fact/fact.h"
void facts_from_compose(struct facts *f) { (void)f; }
