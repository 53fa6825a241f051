/* What checks ask of a service: its mounts, ports and variables, and whose image it runs. */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "check/check.h"

/* mounts.c */
struct mount {
    sv source, target; /* what holds when no variable is set; source SV_NONE for an anonymous volume */
    sv path;           /* in the CVM: normalised, /var/run as /run, relative paths from /dstack; SV_NONE for a volume */
    bool read_only;
    struct place place;
};
struct mounts { VEC(struct mount) all; };
/* `volumes`, `volumes_from`, named volumes that are binds, `configs` and `secrets` with a file. */
void mounts_of(struct arena *a, const struct service *s, struct mounts *out);
/* One mount in short syntax, as `docker run -v` takes it, too. */
void mount_of_spec(struct arena *a, const struct service *s, sv spec, struct place place, struct mounts *out);
bool path_shows(sv mounted, sv path); /* `path` is `mounted` or lies below it */
bool mount_shows_agent(const struct mount *m);  /* dstack.sock or tappd.sock, in all six places */
bool mount_shows_engine(const struct mount *m); /* the socket of a container engine */

/* A published port. 0 where a variable decides. */
struct port {
    unsigned published;    /* of a range the first */
    unsigned target, last; /* of a range both ends */
    bool loopback;         /* bound to 127.0.0.0/8 or ::1: not reachable from outside the CVM */
    sv text;
    struct place place;
};
struct ports { VEC(struct port) all; };
void ports_of(struct arena *a, const struct service *s, struct ports *out);
bool port_covers(const struct port *p, unsigned target); /* reachable from outside, and `target` is in it */
/* From outside the CVM: by a port, the host's network, or an ingress that leads to it. */
bool is_reachable(const struct facts *f, const struct service *s, struct place *where);

sv address_host(sv address); /* "https://user@enclave:5003/x" -> "enclave"; SV("") for files and sockets */
/* Behind the address is the CVM itself: loopback, or a service of the compose. */
bool is_in_cvm(const struct deployment *d, sv address);

/* The service's variable, NULL where absent. */
const struct env_set *env_of(const struct facts *f, const struct service *s, const char *name);
/* An entry of the service, list or map form; its own value where it is a scalar. */
bool service_true(const struct service *s, const char *key);

/* What an image is, by the words of its name; several may hold. */
enum image_role {
    ROLE_DATABASE = 1, ROLE_SHELL = 2, ROLE_UPDATER = 4, ROLE_ADMIN = 8, ROLE_TELEMETRY = 16, ROLE_TUNNEL = 32,
    ROLE_INGRESS = 64, ROLE_PROXY = 128, ROLE_KUBERNETES = 256, ROLE_DOCKER = 512,
};
unsigned image_roles(sv name);
bool has_word(sv name, sv word); /* between characters that are neither letters nor digits */
/* The image comes from somebody else: nothing in the repository builds it and the service is not
 * the only application of its compose. */
bool is_third_party(const struct service *s);
/* The same, but an application pinned by digest is its own business, whoever built it. */
bool is_foreign(const struct service *s);
/* It stands in a compose file for development or tests. */
bool is_dev(const struct service *s);
bool is_checksum(sv program); /* sha256sum and kin; those that collide are none */
/* Fails unless a signature or a listed checksum is right: sha256sum -c, gpg --verify, cosign verify-blob … */
bool command_verifies(const struct command *k);
/* The command belongs to the service: from its compose entry, or from the build or start of its image. */
bool run_is_of(const struct run *r, const struct service *s);
/* Somebody outside can run commands in it: sshd, ttyd, code-server, Jupyter … by image, command,
 * installed packages or published port. The word that shows it, or SV_NONE. */
sv remote_shell_of(struct check_run *c, const struct service *s, struct place *where);
/* A server of the Model Context Protocol for such a program: it runs nothing in its own container. */
bool commands_others(const struct service *s);

/* Gives a finding about a service its severity there: as it is in the deployed compose, one step lower in
 * another compose or under a profile, at most low in a development one. The engine leaves it so. */
struct finding *on_service(struct finding *found, const struct service *s, enum severity severity);
/* Gives a finding about a text the severity of its scope: tests and development files at most low. */
struct finding *on_scope(struct finding *found, enum scope scope, enum severity severity);
sv service_name(const struct service *s);

#endif
