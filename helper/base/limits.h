/* Every limit of the program, in one place: unit, reason, and a test that meets it
 * (tests/unit or tests/fixtures/limits). Hitting one is recorded in coverage.limits_hit or
 * coverage.skipped, never silent. */
#ifndef LIMITS_H
#define LIMITS_H

enum {
    LIMIT_PATH_BYTES = 4096,             /* longest relative path: PATH_MAX of Linux */
    LIMIT_WALK_DEPTH = 128,              /* directories below the target: a hostile tree must end */
    LIMIT_FILES = 200000,                /* files looked at */
    LIMIT_DEPENDENCY_FILES = 5000,       /* larger node_modules, .venv, target … are skipped whole */
    LIMIT_NOTES = 1000,                  /* rows of coverage.limits_hit */
    LIMIT_FILE_BYTES = 16 << 20,         /* one text file: larger ones are data, not source */
    LIMIT_TREE_BYTES = 1 << 20,          /* one YAML, JSON or Dockerfile text: libyaml is quadratic in nesting */
    LIMIT_KEPT_BYTES = 512 << 20,        /* text held in memory over the run */
    LIMIT_SNIFF_BYTES = 8 << 10,         /* first bytes looked at to tell text from binary */
    LIMIT_LINE_BYTES = 64 << 10,         /* regexes see at most this much of a line */
    LIMIT_TREE_DEPTH = 64,               /* nesting of YAML or JSON */
    LIMIT_TREE_NODES = 100000,           /* nodes of one file; an alias counts each time */
    LIMIT_ANCHORS = 1000,                /* anchors of one YAML document */
    LIMIT_DOCKER_NAMES = 1000,           /* stages, and ARGs before FROM, of one Dockerfile: looked up by name */
    LIMIT_COPIED_WORDS = 200000,         /* sources of COPY looked through for manifests of one Dockerfile */
    LIMIT_IMAGE_BUILDS = 500,            /* image builds of scripts judged: each is looked at with its whole script */
    LIMIT_DOCKER_EXPANSION_BYTES = 4096, /* an image reference or ARG default with its ARGs filled in */
    LIMIT_INTERPOLATION_DEPTH = 16,      /* ${A:-${B:-…}} */
    LIMIT_INTERPOLATIONS = 10000,        /* variables of one scalar: each is searched for its closing brace */
    LIMIT_SHELL_DEPTH = 24,              /* $(… "…" …) inside each other: the reader recurses */
    LIMIT_ABSENT = 20000,                /* rows of variables that deployed code reads and nothing passes */
    LIMIT_REGEX_MATCHES = 100000,        /* PCRE2 match limit: about 1 ms on one line */
    LIMIT_REGEX_STACK_BYTES = 512 << 10, /* PCRE2 JIT stack */
    LIMIT_HITS_PER_RULE_FILE = 200,      /* pattern hits kept per rule and file */
    LIMIT_FINDINGS_PER_RULE = 500,       /* findings reported per rule */
    LIMIT_DOCUMENT_BYTES = 256 << 20,    /* a findings document given back to us */
    LIMIT_SARIF_RESULTS = 25000,         /* GitHub refuses a run with more */
    LIMIT_SARIF_LOCATIONS = 1000,        /* GitHub reads no more per result */
    LIMIT_SNIPPET_BYTES = 200,           /* text quoted from the repository at one place */
};

#endif
