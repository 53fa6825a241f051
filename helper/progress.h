/* What the program is at, on a terminal and for long runs alone. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>

/* From now on a line on stderr names the stage, once it has taken a while. Nothing where stderr is no
 * terminal. `stage` must live as long as the program. */
void progress_begin(const char *stage, bool quiet);
void progress_stage(const char *stage);
/* Wipes the line. */
void progress_end(void);

#endif
