#include "report/report.h"
void report_json(const struct result *r, struct buf *out) { (void)r; (void)out; }
