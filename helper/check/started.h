/* Whatever is given rights of the CVM: the services of the compose files, and containers that scripts in the TEE start. */
#ifndef STARTED_H
#define STARTED_H

#include "check/lookup.h"

struct holders { VEC(struct service) all; };
/* Made once for all checks. */
const struct holders *holders_of(struct check_run *c);

/* image.c: the image of `docker run`, `docker create`, `docker pull` and kin; SV_NONE for other commands. */
sv started_image_of(const struct command *c);

#endif
