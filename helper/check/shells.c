/* Ways into a running container: remote shells, logins, notebooks, tunnels (dstack-facts 8: CX-23). */
#include "check/lookup.h"

/* ---- remote shells ------------------------------------------------------------------------------------- */

/* What listens behind the port, where neither image nor command says it; NULL where it may be anything. */
static const char *shell_port(const struct port *p)
{
    static const struct { unsigned port; const char *what; } known[] = {
        {22, "ssh"}, {7681, "a web terminal"}, {5900, "VNC"}, {5901, "VNC"}, {6080, "a desktop in the browser"}, {3389, "remote desktop"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (port_covers(p, known[i].port))
            return known[i].what;
    return NULL;
}

static bool serves_git(const struct service *s)
{
    return s->image != NULL && (sv_has(s->image->name, SV("git")) || sv_has(s->image->name, SV("gogs")) || sv_has(s->image->name, SV("forgejo")));
}

static void shell_by_port(struct check_run *c, const struct service *s)
{
    struct ports ports = {0};
    ports_of(c->arena, s, &ports);
    for (size_t i = 0; i < ports.all.n; i++) {
        const struct port *p = ports.all.at[i];
        const char *what = shell_port(p);
        if (what == NULL || serves_git(s))
            continue;
        struct finding *f = report(c, p->place, p->text, "'%.*s' publishes the port of %s: whoever may log in there runs commands inside the TEE.",
                                   SV_ARG(service_name(s)), what);
        f->confidence = CONF_MEDIUM;
        on_service(f, s, SEV_HIGH);
        return;
    }
}

/* `way`: by which it is reached from outside, NULL where nothing publishes it. */
static void report_commander(struct check_run *c, const struct service *s, const struct place *way)
{
    struct finding *f = report(c, s->image->place, s->image->name,
                               "'%.*s' hands on what it is told to a program of the TEE that runs commands (%.*s)%s: whoever may talk to it runs code beside the users' data.",
                               SV_ARG(service_name(s)), SV_ARG(s->image->name), way != NULL ? "" : ", though nothing publishes it here");
    if (way != NULL)
        relate(c, f, *way, "reachable by this");
    on_service(f, s, way != NULL ? SEV_CRITICAL : SEV_HIGH);
}

void check_remote_shell(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        struct place where, way;
        c->examined++;
        sv shell = remote_shell_of(c, s, &where);
        bool open = is_reachable(c->facts, s, &way);
        if (shell.n == 0 && commands_others(s)) {
            report_commander(c, s, open ? &way : NULL);
            continue;
        }
        if (shell.n == 0) {
            shell_by_port(c, s);
            continue;
        }
        struct finding *f = report(c, where, shell, open ? "'%.*s' lets people outside run commands or control a desktop inside the TEE (%.*s): whoever may log in reads keys, memory and user data, whatever code was attested."
                                                         : "'%.*s' offers a shell or desktop inside the TEE (%.*s). Nothing publishes it here: whoever gets into its network reads keys and user data.",
                                   SV_ARG(service_name(s)), SV_ARG(shell));
        if (open)
            relate(c, f, way, "reachable by this");
        on_service(f, s, open ? SEV_CRITICAL : SEV_HIGH);
    }
}

/* ---- logins of sshd --------------------------------------------------------------------------------------- */

/* "s/#PermitRootLogin …/PermitRootLogin yes/", "PasswordAuthentication yes" echoed or in a file. */
static const char *login_setting(sv text, sv *name)
{
    static const struct { const char *name, *value, *what; } settings[] = {
        {"PermitRootLogin", "yes", "root may log in with a password"},
        {"PasswordAuthentication", "yes", "a password is enough to log in"},
        {"PermitEmptyPasswords", "yes", "accounts without a password may log in"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        sv known = sv_from(settings[i].name);
        bool on = false;
        /* the last mention counts: "s/PermitRootLogin yes/PermitRootLogin no/" */
        for (size_t at = 0; (at = sv_find_at(text, known, at)) != SV_NOT_FOUND; at += known.n) {
            size_t behind = at + known.n;
            while (behind < text.n && (text.p[behind] == ' ' || text.p[behind] == '=' || text.p[behind] == '\t'))
                behind++;
            bool commented = at > 0 && text.p[at - 1] == '#';
            on = !commented && behind > at + known.n && sv_starts(sv_sub(text, behind, text.n), sv_from(settings[i].value));
        }
        if (on) {
            *name = known;
            return settings[i].what;
        }
    }
    return NULL;
}

static const struct service *service_of_run(const struct facts *f, const struct run *r)
{
    for (size_t i = 0; r->service == NULL && i < f->services.n; i++)
        if (run_is_of(r, f->services.at[i]))
            return f->services.at[i];
    return r->service;
}

static void judge_login_command(struct check_run *c, const struct run *r)
{
    for (size_t i = 0; i < r->command->n; i++) {
        sv name = SV_NONE;
        const char *what = login_setting(r->command->words[i].text, &name);
        if (what == NULL)
            continue;
        struct finding *f = report(c, r->command->words[i].place, name, "sshd is set up so that %s: who knows or guesses it is inside the TEE.", what);
        const struct service *s = service_of_run(c->facts, r);
        if (s != NULL)
            on_service(f, s, SEV_HIGH);
        else
            on_scope(f, r->scope, SEV_HIGH);
    }
}

/* `echo 'root:…' | chpasswd`: the password stands in the text, and so in what the guest publishes. */
static void judge_password(struct check_run *c, const struct run *r)
{
    const struct command *k = r->command;
    if (k->pipe_to == NULL || !sv_eq(command_name(k->pipe_to), SV("chpasswd")) || k->n < 2)
        return;
    const struct word *w = &k->words[k->n - 1];
    if (sv_find_char(w->text, ':') == SV_NOT_FOUND || sv_find_char(w->text, '$') != SV_NOT_FOUND)
        return;
    redact(c, w->place);
    struct finding *f = report(c, w->place, SV("chpasswd"), "The build sets a login password that everybody can read: where a login is reachable, everybody may use it.");
    const struct service *s = service_of_run(c->facts, r);
    if (s != NULL)
        on_service(f, s, SEV_HIGH);
    else
        on_scope(f, r->scope, SEV_HIGH);
}

/* An sshd_config that the repository keeps. */
static void judge_login_file(struct check_run *c, const struct source *s)
{
    if (!sv_has(path_base(s->path), SV("sshd_config")) || s->vendored)
        return;
    c->examined++;
    for (size_t i = 1; i <= s->lines.n; i++) {
        sv line = line_text(&s->lines, s->text, i), name = SV_NONE;
        const char *what = sv_starts(sv_trim(line), SV("#")) ? NULL : login_setting(line, &name);
        size_t at = (size_t)(line.p - s->text.p);
        if (what != NULL)
            on_scope(report(c, (struct place){s, at, at + line.n}, name, "sshd is set up so that %s: who knows or guesses it is inside the TEE.", what),
                     s->scope, SEV_HIGH);
    }
}

void check_ssh_login(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        if (r->when != RUN_BUILD && r->when != RUN_START)
            continue;
        c->examined++;
        judge_login_command(c, r);
        judge_password(c, r);
    }
    for (size_t i = 0; i < c->facts->repo->files.n; i++)
        judge_login_file(c, c->facts->repo->files.at[i]);
}

/* ---- notebooks ------------------------------------------------------------------------------------------------ */

static const struct { const char *option, *value, *what; } NOTEBOOK_OPTIONS[] = {
    {"disable_check_xsrf", "true", "the check that a request comes from the notebook's own page is off: any web page drives the notebook of a user who is logged in"},
    {"allow_origin", "*", "pages of any origin may use it"},
    {"allow_origin_pat", ".*", "pages of any origin may use it"},
    {".token", "", "no token is asked for: everybody runs code in the TEE"},
    {".password", "", "no password is asked for: everybody runs code in the TEE"},
};

/* "--ServerApp.allow_origin='*'" and "allow_origin=*": the value behind the option. */
static bool option_value(sv word, const char *option, sv *value)
{
    sv name = word;
    size_t eq = sv_find_char(word, '=');
    if (eq == SV_NOT_FOUND || !sv_starts(word, SV("--")))
        return false;
    name = sv_sub(word, 0, eq);
    *value = sv_unquote(sv_trim(sv_sub(word, eq + 1, word.n)));
    return sv_ends(name, sv_from(option));
}

void check_notebook_protection(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        const struct command *k = r->command;
        sv program = command_name(k);
        if (r->when != RUN_START || !(sv_starts(program, SV("jupyter")) || sv_eq(program, SV("start-notebook.sh")) || sv_eq(program, SV("start-notebook.py"))))
            continue;
        c->examined++;
        for (size_t w = 1; w < k->n; w++)
            for (size_t o = 0; o < sizeof NOTEBOOK_OPTIONS / sizeof *NOTEBOOK_OPTIONS; o++) {
                sv value = SV_NONE;
                if (!option_value(k->words[w].text, NOTEBOOK_OPTIONS[o].option, &value) || !sv_ieq(value, sv_from(NOTEBOOK_OPTIONS[o].value)))
                    continue;
                bool open = value.n == 0;
                struct finding *f = report(c, k->words[w].place, k->words[w].text, "The notebook starts with %.*s: %s.", SV_ARG(k->words[w].text), NOTEBOOK_OPTIONS[o].what);
                const struct service *s = service_of_run(c->facts, r);
                if (s != NULL)
                    on_service(f, s, open ? SEV_CRITICAL : SEV_HIGH);
                else
                    on_scope(f, r->scope, open ? SEV_CRITICAL : SEV_HIGH);
            }
    }
}

/* Root inside a container in which others run commands: nothing is left between them and the kernel. */
void check_shell_as_root(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        struct place where;
        if (remote_shell_of(c, s, &where).n == 0)
            continue;
        c->examined++;
        const struct env_set *sudo = env_of(c->facts, s, "GRANT_SUDO"), *uid = env_of(c->facts, s, "NB_UID");
        const struct node *user = node_get(s->node, "user");
        bool becomes = sudo != NULL && SV_IN(sudo->value, SV("yes"), SV("1"), SV("true"));
        if (becomes) /* such images begin as root to set it up, and hand over to another user */
            on_service(report(c, sudo->place, sudo->name, "Users of '%.*s' become root in the container without a password.", SV_ARG(service_name(s))), s, SEV_MEDIUM);
        if (uid != NULL && sv_eq(uid->value, SV("0")))
            on_service(report(c, uid->place, uid->name, "Users of '%.*s' are root in the container.", SV_ARG(service_name(s))), s, SEV_MEDIUM);
        if (!becomes && (sv_eq(node_text(user), SV("root")) || sv_eq(node_text(user), SV("0")) || sv_starts(node_text(user), SV("0:"))))
            on_service(report(c, user->place, SV("user"), "Users of '%.*s' are root in the container.", SV_ARG(service_name(s))), s, SEV_MEDIUM);
    }
}

/* ---- tunnels ------------------------------------------------------------------------------------------------------ */

static bool is_tunnel_program(const struct command *k)
{
    sv name = command_name(k);
    if (SV_IN(name, SV("ngrok"), SV("cloudflared"), SV("frpc"), SV("tailscaled"), SV("bore"), SV("localtunnel"), SV("inlets"), SV("zerotier-one")))
        return true;
    if (sv_eq(name, SV("tailscale")))
        return command_has(k, "up") || command_has(k, "funnel") || command_has(k, "serve");
    if (sv_eq(name, SV("chisel")))
        return command_has(k, "client");
    return SV_IN(name, SV("ssh"), SV("autossh")) && command_has(k, "-R");
}

static struct finding *report_tunnel(struct check_run *c, struct place place, sv subject, sv who, bool logs_in)
{
    return report(c, place, subject, logs_in ? "'%.*s' joins the CVM to a network of the operator with ssh switched on: its members log in to the container."
                                             : "Traffic enters through the tunnel of '%.*s', run by a third party under the operator's account. It sees who connects, ends TLS where the tunnel is told to, and its owner can lead it elsewhere.",
                  SV_ARG(who));
}

void check_tunnel(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        if (s->image == NULL)
            continue;
        c->examined++;
        if ((image_roles(s->image->name) & ROLE_TUNNEL) == 0)
            continue;
        const struct env_set *extra = env_of(c->facts, s, "TS_EXTRA_ARGS");
        bool ssh = extra != NULL && sv_has(extra->value, SV("--ssh"));
        struct finding *f = on_service(report_tunnel(c, s->image->place, s->image->name, service_name(s), ssh), s, ssh ? SEV_CRITICAL : SEV_MEDIUM);
        const struct node *command = node_get(s->node, "command");
        if (command != NULL)
            relate(c, f, command->place, "where it leads");
    }
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        const struct service *s = r->when != RUN_START || r->scope == SCOPE_TEST ? NULL : service_of_run(c->facts, r);
        if (r->when != RUN_START || r->scope == SCOPE_TEST || (s != NULL && s->image != NULL && (image_roles(s->image->name) & ROLE_TUNNEL) != 0))
            continue;
        c->examined++;
        if (!is_tunnel_program(r->command))
            continue;
        bool ssh = command_has(r->command, "--ssh");
        struct finding *f = report_tunnel(c, r->command->place, command_name(r->command), s == NULL ? command_name(r->command) : service_name(s), ssh);
        if (s != NULL)
            on_service(f, s, ssh ? SEV_CRITICAL : SEV_MEDIUM);
        else
            on_scope(f, r->scope, ssh ? SEV_CRITICAL : SEV_MEDIUM);
    }
}
