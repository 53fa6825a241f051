/* Bytes of one file to a source; used by the walk. */
#ifndef LOAD_H
#define LOAD_H

#include "base/buf.h"
#include "input/repo.h"

enum load {
    LOAD_TEXT,
    LOAD_BINARY,
    LOAD_TOO_LARGE,
    LOAD_LFS_POINTER, /* the content is elsewhere */
    LOAD_KEPT_LIMIT,  /* no room left in LIMIT_KEPT_BYTES */
    LOAD_FAILED,      /* errno says why */
};

/* Reads `fd` (a regular file) up to LIMIT_FILE_BYTES. With LOAD_TEXT *out is a new classified source;
 * its text is UTF-8 as far as the file is. `scratch` is emptied and reused from file to file. */
enum load load_file(struct repo *r, int fd, sv path, struct buf *scratch, struct source **out);

/* Fills oddities and odd_at from text and lines. */
void mark_oddities(struct source *s);

/* 40 hex of the checked-out commit from a .git directory read as data, or SV_NONE. */
sv git_commit(struct arena *a, int git_dir);

/* Opens the file `name` in `dir` without following a link: a descriptor, or -1 with errno. */
int open_inside(int dir, const char *name, int more_flags);

#endif
