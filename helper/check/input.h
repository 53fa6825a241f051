/* Findings about operator inputs: the sentence that says who sets what and which code it reaches. */
#ifndef INPUT_H
#define INPUT_H

#include "check/check.h"

/* Can anybody but the author of the compose file set it? Counts the subject as examined; a document
 * that compose would refuse makes the check unsure, since its inputs may be incomplete. */
bool input_is_open(struct check_run *c, const struct operator_input *in);
/* Marks the check unsure while a deployment could not be read, and counts the literal values, which are
 * subjects that passed. Called once by each check of this family. */
void inputs_begin(struct check_run *c);

/* "The operator sets NAME (in allowed_envs): <reach>. Read at a.py:3." The entry of allowed_envs and the places
 * that read and use the value are related. `reach` is the clause in the middle. */
struct finding *report_input(struct check_run *c, const struct operator_input *in, enum severity severity,
                             const char *reach, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;

/* One of the words of the name, cut at "_" and humps, is in the list (words between blanks, case ignored). */
bool name_has(sv name, const char *words);
bool enters_by(const struct operator_input *in, const char *way);
/* The entry of allowed_envs that lets the value in; NULL where nothing says so. */
const struct node *input_allowed_by(const struct operator_input *in);
/* The host sets it, not the operator: judged by host-influenced-variable alone. */
bool is_hosts(const struct operator_input *in);
/* By environment, env_file, build argument, config file or a bash runner's script: the value is the program's
 * setting, and the operator's. */
bool is_setting(const struct operator_input *in);
/* What such a value reaches weighs at least as much as a file or a build that it is put into. */
bool outweighs_where(const struct operator_input *in);
/* The scalar that holds the input: the innermost use at its place; NULL where it has none. */
const struct var_use *input_use(const struct facts *f, const struct operator_input *in);
bool is_script_text(sv text); /* of a config: a program, not settings */
/* The name to judge by: of the container's variable, else of the operator's. */
sv input_name(const struct operator_input *in);
bool is_simulator(sv name);      /* SDKs take keys and quotes from the address it holds */
bool names_agent(sv name);       /* the same, or a variable of the app's own that it hands to an SDK: APP_TAPPD_ENDPOINT */
bool names_own_address(sv name); /* not a place where data goes, but the app's own address as others see it */
/* "docker-compose.yml:17"; inside a JSON string "app-compose.json, docker_compose_file line 3". */
sv place_text(struct arena *a, struct place p);

#endif
