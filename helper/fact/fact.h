/* Facts: what the repository says, row by row, with places and without opinions.
 * Every row is filled by one from_*.c and only read afterwards. */
#ifndef FACT_H
#define FACT_H

#include "doc/read.h"
#include "rule/rule.h"

/* ---- deployments and services -------------------------------------------------------------- */
enum deploy_rank { /* most credible first */
    RANK_GIVEN,       /* --app-compose */
    RANK_APP_COMPOSE, /* app-compose.json in the repository */
    RANK_NAMED,       /* a deploy command, action or phala.toml names it */
    RANK_PROD,        /* .prod, .deploy, template in the name */
    RANK_SOCKET,      /* mounts the guest agent, or every image is pinned and nothing is built */
    RANK_PLAIN,
    RANK_DEV,  /* dev, local, test, example, staging */
    RANK_PART, /* read by another compose file alone: included, extended, or the base of one that is deployed */
};

enum { COMPOSE_FILES = 8 }; /* read together */
struct compose_group { const struct source *files[COMPOSE_FILES]; size_t n; struct place place; }; /* `-f a -f b` at `place` */
struct compose_part { const struct source *src, *by; }; /* `by` includes or extends it */

struct app_compose { /* one app-compose.json, in whatever wrapping it was saved */
    const struct source *src;
    bool given;              /* named by the user: the deployed configuration */
    const struct node *root; /* the app-compose object itself */
    /* Embedded documents, NULL where absent. In a pre-launch script that is Phala's, or says so, the lines
     * of the published versions are blank: what is left is what differs. */
    const struct source *compose, *pre_launch, *bash_script;
    sv pre_launch_text; /* the whole */
    VEC(struct source) init_scripts;
    VEC(struct node) allowed_envs; /* scalars, in order */
    bool allowed_envs_known;       /* the key is present */
    sv manifest_version;
    bool manifest_is_string;
    sv runner;
    sv prelaunch_version; /* of a recognised Phala script, else SV_NONE */
    bool prelaunch_exact; /* its hash is a published one */
    size_t prelaunch_own; /* lines of a recognised one that no published version has */
    struct place prelaunch_first; /* the first of them */
};

/* How a variable arrives that no line of the compose passes. */
struct way { sv what; struct place place; bool sure; };

struct deployment {
    sv id;                         /* path of the compose */
    const struct source *compose;  /* file or embedded document */
    const struct node *root;       /* NULL when unreadable */
    const struct app_compose *app; /* NULL where none belongs to it */
    enum deploy_rank rank;
    sv why;      /* why it ranks so, one clause */
    bool deployed; /* best of its app: findings keep their severity */
    sv dir;      /* code below it belongs to it; "" is the root */
    sv group;    /* deployments of one app share it: the directory of the app */
    bool override; /* an override file: only a local `docker compose up` reads it unasked */
    const struct source *bases[COMPOSE_FILES]; /* merged under `compose`, in order */
    size_t n_bases;
    sv merged; /* who lays them together, SV_NONE where nobody does */
    const struct way *way;         /* by which variables arrive that its text does not pass; NULL where none is seen */
    size_t absent_from, absent_to; /* its rows of facts.absent */
    sv refused;  /* why compose would not load the document, SV_NONE when it would */
    struct place refused_at;
    VEC(struct service) services;
};

struct service {
    sv name;
    const struct node *node; /* the mapping, merges and extends resolved */
    struct deployment *deployment;
    const struct image_ref *image;        /* NULL with build only */
    sv context; /* directory of `build` in the repository, SV_NONE where there is none */
    const struct dockerfile *dockerfile;  /* of `build`, or of an image the repository builds; NULL where unknown */
    bool built_here; /* a workflow or script of the repository builds an image of its name, or its variables are what the code here reads */
    bool mounts_guest_agent, mounts_docker;
    bool enabled; /* false: only under a profile */
};

/* ---- values on their way into a container ---------------------------------------------------- */
enum var_form { VAR_PLAIN, VAR_DEFAULT, VAR_DEFAULT_IF_UNSET, VAR_REQUIRED, VAR_REQUIRED_IF_UNSET,
                VAR_REPLACED, VAR_REPLACED_IF_SET, VAR_BARE };

/* One ${VAR…} of a compose scalar, nested ones included, and bare names. */
struct var_use {
    sv name;
    enum var_form form;
    sv word;                 /* default, message or replacement, as written */
    const struct node *node; /* the scalar (or the null value) it stands in */
    struct place place;      /* of the expression */
    struct deployment *deployment;
    struct service *service; /* NULL at top level */
    const struct var_use *outer; /* it stands in the default of this one */
    struct place filled;         /* the command that replaces it before deployment; src NULL where none does */
};

/* How a container's variable gets its value. */
enum env_state { ENV_LITERAL, ENV_INTERPOLATED, ENV_DEFAULT, ENV_REQUIRED, ENV_ALTERNATE, ENV_BARE, ENV_FILE, ENV_IMAGE, ENV_ABSENT };

struct env_set {
    sv name;   /* as the container sees it; for a whole env_file its path as written */
    sv value;  /* as written in the compose or the env_file, SV_NONE for bare names and whole env_files */
    const struct node *node; /* the entry; NULL inside an env_file */
    enum env_state state;
    VEC(struct var_use) uses; /* variables in the value */
    struct service *service;
    struct place place;
};

/* What a value is, by name, by default and by use; decides severity. */
enum input_kind { KIND_ENDPOINT, KIND_IMAGE, KIND_CODE, KIND_PROXY_CA, KIND_STORAGE, KIND_CREDENTIAL, KIND_KEY,
                  KIND_AUTH, KIND_LOG_LEVEL, KIND_FEATURE, KIND_IDENTITY, KIND_TUNING, KIND_OTHER,
                  KIND_MODEL,       /* which model answers */
                  KIND_REFERENCE }; /* what a verifier expects: code hash, measurement, trusted key */

enum allowed {
    ALLOWED_ASSUMED,  /* no app-compose at hand: any variable may be listed */
    ALLOWED_PASSED,   /* no app-compose at hand, but a deploy command passes it, which makes it allowed */
    ALLOWED_YES, ALLOWED_NO,
    ALLOWED_UNLISTED, /* reaches compose without being listed: the host or a script sets it (dstack-facts 3.5) */
};

struct env_read {
    sv name;
    struct place place;
    sv idiom;      /* "os.environ", "pydantic-settings", "process.env" … */
    sv fallback;   /* default as written, unquoted; SV_NONE where none */
    bool has_fallback, required;
    bool any_case; /* the library ignores letter case in the variable's name */
    sv secrets;    /* directory in which a file of the same name serves as well; SV_NONE */
    bool file;     /* of facts.file_reads: the name is the path of a file that compose makes of a variable */
    bool implicit; /* a library reads it and no line names it; `idiom` is the package then */
    sv origin;     /* of an implicit read: where the library's documentation says so */
    bool outside;  /* in a shell script, a folder of tools or a phone app, which nothing in a container starts (join.c) */
    enum scope scope;
    enum input_kind kind;
    bool guards;   /* compared with what a caller sent */
    sv field;      /* variable or settings field it is stored in, SV_NONE where unknown */
    VEC(struct place) uses; /* places that use the value */
};

/* A secret or config that is made of a variable, as a service sees it. */
struct file_mount { sv path, key; const struct node *variable; struct service *service; };

struct operator_input {
    sv name;       /* the variable the operator sets */
    sv target;     /* variable in the container, or the compose field */
    sv enters;     /* "environment", "image", "command", "config", "volume", "port", "build-arg", "env-file", "script" … */
    enum env_state state;
    enum var_form form;
    sv word;             /* default, message or replacement, as written */
    enum allowed allowed;
    struct place passed; /* ALLOWED_PASSED: where */
    const struct way *way; /* state absent: how it may arrive all the same; NULL where no way is seen */
    enum input_kind kind;
    sv fallback;
    bool has_fallback;
    struct deployment *deployment;
    struct service *service; /* NULL at top level */
    struct place place;
    VEC(struct env_read) reads;
};

/* What the container, or the field, gets (dstack-facts 3.2): with a value of the operator's, and without
 * one, because allowed_envs does not list the name or because the encrypted environment is withheld:
 * compose cannot tell the two apart. Phrases for the middle of a sentence. */
struct effect { sv given, without; };

/* Settings that do nothing, each with its consequence. */
enum dead_case { DEAD_ALLOWED_UNREFERENCED, DEAD_PASSED_NOT_ALLOWED, DEAD_PASSED_UNREAD, DEAD_READ_UNPASSED };
struct dead_setting {
    sv name;
    enum dead_case why;
    sv consequence;
    struct place place;
    const struct deployment *deployment;
    const struct service *service; /* NULL where it concerns none in particular */
};

struct image_env { sv value; struct place place; }; /* ENV of a Dockerfile */

/* ---- images and builds ------------------------------------------------------------------------ */
enum image_origin { IMAGE_COMPOSE, IMAGE_DOCKERFILE, IMAGE_SCRIPT, IMAGE_WORKFLOW };

struct image_ref {
    sv ref;                  /* as written */
    sv name, tag, digest;    /* digest without "sha256:"; SV_NONE where absent */
    bool pinned;             /* @sha256: and 64 hex digits */
    bool has_variable;
    enum image_origin origin;
    struct place place;
    const struct deployment *deployment;
    const struct service *service;
    const struct stage *stage;
    enum scope scope;
};

/* A shell command with where it runs. */
enum run_when { RUN_BUILD, RUN_START, RUN_CI, RUN_DEPLOY, RUN_OTHER };
struct run {
    const struct command *command;
    const struct source *src;
    enum run_when when;
    enum scope scope;
    const struct service *service;      /* RUN_START from a compose */
    const struct dockerfile *dockerfile; /* RUN_BUILD */
    const struct shell *shell;          /* NULL for a command given as words */
    size_t index;                        /* of the command in it */
};

struct workflow_step { const struct node *node; sv uses, name; const struct shell *run; struct place place; const struct workflow *workflow; };
struct workflow { const struct source *src; const struct node *root; VEC(struct workflow_step) steps; bool builds_image, deploys; };

/* ---- the outside -------------------------------------------------------------------------------- */
enum host_use { HOST_CODE, HOST_CONFIG, HOST_SCRIPT, HOST_DISPLAY };
struct host { sv name; enum host_use use; VEC(struct place) places; };
/* hosts.c: "model", "database", "telemetry", "chain", "dstack app" … by the name alone; NULL where it does not say. */
const char *host_purpose(sv name);
struct contract { sv address; sv chain; struct place place; };
struct attestation_fact { sv what; struct place place; }; /* "get-quote", "verify-quote", "get-key", "sdk:python" … */

/* ---- what names the deployment --------------------------------------------------------------------- */
struct deploy_hint {
    /* of a deploy command, action or phala.toml: "deploy" (the command itself), "compose", "env-file", "env",
     * "kms", "kms-id", "dev-os", "image", "ssh-key", "no-public-tcbinfo", "no-public-logs", "fs", "app-id" …;
     * of a script that writes an app-compose: "manifest" and a hint named after each key it sets;
     * "env-name" for each name of a .env example. */
    sv what;
    sv value; /* "compose": the path in the repository when it leads to a file there, else as written */
    struct place place;
};

struct passed_name { sv name; const struct deployment *deployment; struct place place; };

/* shared_code.c: whether the program of a deployment takes in a folder beside all deployments. */
struct shared_code { const struct deployment *deployment; sv dir; bool taken; };

struct facts {
    struct arena *arena;
    struct repo *repo;
    const struct catalogue *catalogue;
    struct hits hits;

    VEC(struct app_compose) app_composes;
    VEC(struct compose_group) compose_groups;
    VEC(struct compose_part) compose_parts;
    VEC(struct deployment) deployments; /* best first */
    VEC(struct service) services;
    VEC(struct var_use) var_uses;
    VEC(struct env_set) env_sets;
    VEC(struct env_read) env_reads;
    VEC(struct env_read) library_reads; /* implicit ones */
    VEC(struct file_mount) file_mounts;
    VEC(struct env_read) file_reads;    /* of their paths */
    VEC(struct operator_input) inputs;
    VEC(struct operator_input) absent; /* read by deployed code, and neither set nor passed: state absent or image */
    VEC(struct dead_setting) dead;
    VEC(struct image_ref) images;
    VEC(struct dockerfile) dockerfiles;
    VEC(struct dockerfile) elsewhere; /* those that another platform builds and no deployment does */
    VEC(struct workflow) workflows;
    VEC(struct shell) scripts;
    VEC(struct run) runs;
    VEC(struct host) hosts;
    VEC(struct contract) contracts;
    VEC(struct attestation_fact) attestation;
    VEC(struct deploy_hint) hints;
    VEC(struct shared_code) shared;
    VEC(struct passed_name) passed; /* by deploy commands */
    VEC(struct source) embedded; /* documents found inside others */
};

/* The stage, in order. Each function reads what the earlier ones filled. */
void facts_collect(struct facts *f, struct repo *r, const struct catalogue *c);

void facts_from_app_compose(struct facts *f);
void facts_from_compose(struct facts *f);   /* deployments, services, var_uses, env_sets, images */
void facts_from_build(struct facts *f);     /* dockerfiles, images, runs */
void facts_from_inline_code(struct facts *f); /* embedded: programs in compose configs and COPY heredocs */
void facts_from_workflow(struct facts *f);  /* workflows, runs */
void facts_from_scripts(struct facts *f);   /* scripts, runs, hints */
void facts_from_source(struct facts *f);    /* env_reads, hosts, contracts, attestation */
void facts_rank_deployments(struct facts *f); /* deployment.c: hints -> rank, dir, deployed */
void facts_pass(struct facts *f);           /* passed.c: names that deploy commands pass */
void facts_fill(struct facts *f);           /* filled.c: var_uses that are replaced before deployment */
void facts_join(struct facts *f);           /* join.c: operator_inputs, reads, kinds */
void facts_find_absent(struct facts *f);    /* absent.c: absent */
void facts_surface(struct facts *f);        /* surface.c: calls the two, then dead */

/* from_build.c: the Dockerfile in `src`, read once, with its images and commands; NULL when unreadable. */
const struct dockerfile *facts_dockerfile(struct facts *f, const struct source *src);
/* The embedded source of a scalar, made once for all who ask; NULL where it has no text. */
struct source *facts_embed(struct facts *f, const struct node *n, const char *field, enum source_kind kind, enum lang lang);
/* One command given as words (exec form, compose lists); a script behind `sh -c` is read too. */
void facts_run_words(struct facts *f, const struct word *words, size_t n, struct place place, struct run like);

/* run.c: reads `src` as shell and adds a run for each of its commands, scripts handed to another shell
 * (`sh -c '…'`, `ssh host bash <<EOF`) and Dockerfiles written by here-documents included.
 * `like` gives what all of them share. NULL when unreadable. */
const struct shell *facts_run_shell(struct facts *f, const struct source *src, struct run like);
void facts_run_nested(struct facts *f, const struct command *c, struct run like);
/* makefile.c */
bool is_makefile(const struct source *s); /* justfiles, too */
struct source *makefile_as_shell(struct arena *a, const struct source *s);
/* from_workflow.c: `docker build` and its kin; `phala deploy`, `phala cvms create`, `vmm-cli.py compose`. */
bool command_builds_image(const struct command *c);
bool command_deploys(const struct command *c);
bool is_shell_name(sv word); /* sh, bash, /bin/sh … */
struct program;
/* `["sh", "-c", …]`, `spawn('bash', …)`: a string of the range names a shell. */
bool program_names_shell(const struct program *p, size_t from, size_t to);

/* ---- interp.c: the compose interpolation grammar (dstack-facts 3.9) ------------------------------ */
struct interp_var { sv name; enum var_form form; sv word; size_t start, end; size_t depth; };
struct interp {
    VEC(struct interp_var) vars; /* in text order; nested ones behind their outer, depth + 1 */
    bool valid;                  /* false: compose refuses to load the file */
    bool limited;                /* LIMIT_INTERPOLATION_DEPTH or LIMIT_INTERPOLATIONS was met: some are missing */
    size_t error_at;
    sv literal;                  /* the value when there is no variable: `$$` undone; else SV_NONE */
};
void interp_parse(struct arena *a, sv text, struct interp *out);
/* What compose makes of `text` when no variable is set; SV_NONE when it refuses to start. */
sv interp_when_unset(struct arena *a, sv text);

/* facts.c */
/* The text holds the word. Programs are asked much, and an index of their text answers; for texts of other kinds that
 * are asked little else, source_has would make one. */
bool text_says(const struct source *s, sv word);

/* deployment.c */
const struct deployment *deployment_of(const struct facts *f, sv path); /* nearest enclosing best one, or NULL */
/* True when code at `path` may run in the deployment: below its directory and not below another
 * app's that lies deeper, or below a directory it builds from. Code may belong to several. */
bool deployment_owns(const struct facts *f, const struct deployment *d, sv path);
/* Code at `path` belongs to no deployment, and the program of this one takes it in. */
bool deployment_shares(struct facts *f, const struct deployment *d, sv path);
const char *rank_name(enum deploy_rank r);
/* join.c: does `name` reach the compose client of this deployment, and by whose hand (dstack-facts 3.1, 3.5)? */
enum allowed allowed_in(const struct deployment *d, sv name);
/* The deployed app-compose of the same app, which says what is allowed; `d` where there is none. */
const struct deployment *deployed_app_of(const struct facts *f, const struct deployment *d);
/* Systemd, the guest or a measured script sets it: nobody needs to pass it. */
bool set_by_guest(const struct deployment *d, sv name);
/* join.c: nothing in a container starts it: a shell script, or a program in a folder of tools, that no Dockerfile and no compose names;
 * an app for phones. */
bool runs_outside(const struct facts *f, const struct source *s);
bool read_matches(const struct env_read *r, sv name); /* some libraries ignore letter case */
/* The first service environment (or env_file) of the deployment that sets the name; NULL where none does. */
const struct env_set *set_of(const struct facts *f, const struct deployment *d, sv name);
const char *env_state_name(enum env_state s); /* "literal", "interpolated" … as in the findings document */
const char *input_kind_name(enum input_kind k);
/* platforms.c: fills elsewhere. */
void facts_find_elsewhere(struct facts *f);
bool is_elsewhere(const struct facts *f, const struct source *dockerfile);
/* The manifest of a platform that is no TEE, in the directory or above it; NULL where there is none. */
const struct source *platform_of(const struct facts *f, sv path);
/* ways.c: fills deployment.way. */
void facts_find_ways(struct facts *f);
/* How a variable that the deployment does not pass, and that `r` reads, may arrive all the same; NULL where no way is seen. */
const struct way *other_way(struct facts *f, const struct deployment *d, const struct env_read *r);
/* What a line of a boot script does to the environment of the containers; NULL where nothing. */
const char *script_feeds(sv line);
/* absent.c: the row of the name; NULL where the deployment has none. */
struct operator_input *absent_row(const struct facts *f, const struct deployment *d, sv name);
/* surface.c */
struct effect effect_of(struct arena *a, const struct operator_input *in);
const char *dead_case_name(enum dead_case c); /* "allowed-not-referenced" … */
/* The ENV of the image that the service is built as; false where none sets the name. */
bool image_env_of(struct arena *a, const struct service *s, sv name, struct image_env *out);
/* kind.c: what a name or a default value says on its face. */
enum input_kind kind_of(sv name, sv fallback);
/* from_app_compose.c: version of Phala's pre-launch script, by the hash of a published one (*exact) or by
 * its marker line; SV_NONE for any other script. */
sv phala_prelaunch_version(struct arena *a, sv text, bool *exact);
/* prelaunch.c: blanks the published lines of the script and counts the others. */
void prelaunch_keep_own(struct arena *a, struct app_compose *app, struct source *script);
void image_parse(struct arena *a, sv ref, struct image_ref *out); /* name, tag, digest, pinned, has_variable */

#endif
