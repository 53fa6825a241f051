/* What checks ask of a service: its mounts, ports and variables, and whose image it runs. */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "check/check.h"

struct mount {
    sv source, target; /* as written; source normalised ("/./etc/" -> "/etc") when it is a path */
    bool bind;         /* a path of the CVM, not a named volume */
    bool read_only, has_variable;
    struct place place;
};
struct mounts { VEC(struct mount) all; };
void mounts_of(struct arena *a, const struct service *s, struct mounts *out);

/* A published port; a range gives its first port. 0 where a variable decides. */
struct port {
    unsigned published, target;
    bool loopback; /* bound to 127.0.0.0/8 or ::1: not reachable from outside the CVM */
    sv text;
    struct place place;
};
struct ports { VEC(struct port) all; };
void ports_of(struct arena *a, const struct service *s, struct ports *out);

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
/* "postgres:16" -> true for a Docker Hub library image: no owner in its name. */
bool image_is_library(sv name);
/* The image comes from somebody else: nothing in the repository builds it and the service is not
 * the only application of its compose. */
bool is_third_party(const struct facts *f, const struct service *s);
/* Somebody outside can run commands in it: sshd, ttyd, code-server, Jupyter … by image, command,
 * installed packages or published port. The word that shows it, or SV_NONE. */
sv remote_shell_of(const struct facts *f, const struct service *s, struct place *where);

/* Severity where the service stands: as it is in the deployed compose, one step lower in another
 * compose, at most low in a development one. */
enum severity severity_in(const struct service *s, enum severity severity);
/* The same for a text: tests and development files at most low. */
enum severity severity_of_scope(enum scope scope, enum severity severity);
bool is_dev(const struct service *s);
/* Gives a finding about a service its severity there; the engine leaves it so. */
struct finding *on_service(struct finding *found, const struct service *s, enum severity severity);
/* Gives a finding about a text the severity of its scope. */
struct finding *on_scope(struct finding *found, enum scope scope, enum severity severity);
sv service_name(const struct service *s);

#endif
