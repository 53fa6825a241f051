/* user_config: a file beside the app-compose that no hash covers (dstack-facts 1.5; DS-14). What is read from it must
 * be compared with something measured; that a file speaks of hashes is not enough, so the value is followed. */
#include "check/code.h"
#include "check/lookup.h"

static const char *const PLACES[] = {"/dstack/user_config", "/dstack/.user-config", ".host-shared/.user-config", "/tapp/user_config", NULL};
enum { FOLLOWED = 5, CARRIERS = 16 }; /* assignments: path, file, bytes, digest, text of the digest; names that carry it */

/* What the file's content goes by in one program: its path, functions that return it, variables it is decoded into.
 * In shell the variables, with those that hold its hash apart. */
struct carriers { const char *words[CARRIERS + 1]; size_t n; bool hash[CARRIERS]; };

static size_t find_user_config(const struct source *s)
{
    for (size_t i = 0; PLACES[i] != NULL; i++)
        if (source_has(s, sv_from(PLACES[i])))
            return sv_find(s->text, sv_from(PLACES[i]));
    return SV_NOT_FOUND;
}

static void add_carrier(struct arena *a, struct carriers *x, sv name, bool hash)
{
    if (name.n < 3 || x->n == CARRIERS)
        return; /* a shorter name stands in too many others */
    x->hash[x->n] = hash;
    x->words[x->n++] = sv_copy(a, name).p;
}

/* ---- programs ------------------------------------------------------------------------------------------------ */

static bool comes_from_it(const struct program *p, size_t from, size_t to, const struct carriers *x)
{
    return derives_from(p, from, to, x->words, FOLLOWED);
}

static void carriers_of(struct arena *a, const struct program *p, struct carriers *x)
{
    static const char *const decoders[] = {"unmarshal", "decode", "unmarshalstrict", NULL};
    add_carrier(a, x, SV("/user_config"), false);
    add_carrier(a, x, SV(".user-config"), false);
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t from, to;
        if (p->lang == LANG_GO && call_named(k, decoders) && program_argument(p, k, k->close - k->open > 4 ? 1 : 0, &from, &to) && comes_from_it(p, k->from, k->close, x))
            add_carrier(a, x, program_token(p, to - 1), false); /* json.Unmarshal(raw, &cfg) */
    }
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind == BLOCK_FUNCTION && b->name.n != 0 && sv_is_ident(b->name) && comes_from_it(p, b->body, b->body_end, x))
            add_carrier(a, x, b->name, false);
    }
}

struct search { const struct carriers *carriers; bool found; };

/* Its hash against a value that does not come from the same file. */
static bool is_hash_check(const struct program *p, const struct comparison *k, void *ctx)
{
    static const char *const hashes[] = {"sha256", "sha512", "sha384", "sha3", "blake", "keccak", "digest", "hash", "hmac", NULL};
    struct search *s = ctx;
    bool left = comes_from_it(p, k->left, k->left_end, s->carriers), right = comes_from_it(p, k->right, k->right_end, s->carriers);
    size_t from = left ? k->left : k->right, to = left ? k->left_end : k->right_end;
    s->found = left != right && derives_from(p, from, to, hashes, FOLLOWED);
    return s->found;
}

/* verify(config, signature): handed to a function that checks signatures or tags. */
static bool is_handed_to_verifier(const struct program *p, const struct carriers *x)
{
    static const char *const verifiers[] = {"verify", "checksignature", "check_signature", "validatesignature", "validate_signature", "checkhash", "check_hash", NULL};
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (call_names(k, verifiers) && !is_log_call(k) && !is_http_call(p, k) && comes_from_it(p, k->open, k->close, x))
            return true;
    }
    return false;
}

/* ---- shell ------------------------------------------------------------------------------------------------------ */

/* The first carrier that the word expands or names; CARRIERS where none. */
static size_t carried(sv word, const struct carriers *x)
{
    for (size_t i = 0; i < x->n; i++) {
        sv name = sv_from(x->words[i]);
        bool path = name.p[0] == '/' || name.p[0] == '.';
        for (size_t at = 0; (at = sv_find_at(word, name, at)) != SV_NOT_FOUND; at++)
            if (path || (at > 0 && (word.p[at - 1] == '$' || word.p[at - 1] == '{')))
                return i;
    }
    return CARRIERS;
}

static void shell_carriers(struct arena *a, const struct shell *sh, struct carriers *x)
{
    add_carrier(a, x, SV("/user_config"), false);
    add_carrier(a, x, SV(".user-config"), false);
    for (size_t i = 0; i < sh->commands.n; i++)
        for (const struct assign *set = sh->commands.at[i]->assigns; set != NULL; set = set->next) {
            size_t from = carried(set->value, x);
            if (from != CARRIERS)
                add_carrier(a, x, set->name, x->hash[from] || sv_has(set->value, SV("sum ")) || sv_has(set->value, SV("openssl dgst")));
        }
}

/* [ "$HASH" != "$EXPECTED" ] */
static bool is_shell_hash_check(const struct command *c, const struct carriers *x)
{
    for (size_t i = 1; SV_IN(command_name(c), SV("["), SV("[["), SV("test")) && i + 1 < c->n; i++) {
        if (!SV_IN(c->words[i].text, SV("="), SV("=="), SV("!=")))
            continue;
        size_t left = carried(c->words[i - 1].text, x), right = carried(c->words[i + 1].text, x), it = left != CARRIERS ? left : right;
        return (left == CARRIERS) != (right == CARRIERS) && (x->hash[it] || sv_has(c->words[i - 1].text, SV("sum ")));
    }
    return false;
}

/* `echo "$HASH  /dstack/user_config" | sha256sum -c`, `openssl dgst -verify key.pem -signature sig /dstack/user_config` */
static bool shell_verifies(const struct shell *sh, const struct carriers *x)
{
    for (size_t i = 0; i < sh->commands.n; i++) {
        bool named = false;
        for (const struct command *c = sh->commands.at[i]; c != NULL; c = c->pipe_to) {
            named = named || carried(c->redirect_in, x) != CARRIERS || carried(c->heredoc, x) != CARRIERS;
            for (size_t k = 0; k < c->n; k++)
                named = named || carried(c->words[k].text, x) != CARRIERS;
            if ((named && command_verifies(c)) || is_shell_hash_check(c, x))
                return true;
        }
    }
    return false;
}

/* ---- judgement --------------------------------------------------------------------------------------------------- */

static bool is_checked(const struct program *p, const struct shell *sh, const struct carriers *x)
{
    struct search search = {x, false};
    if (sh != NULL)
        return shell_verifies(sh, x);
    each_comparison(p, 0, p->n, is_hash_check, &search);
    return search.found || is_handed_to_verifier(p, x);
}

/* The addresses and credentials that a program may take from it. */
static const char *const powers[] = {"url", "uri", "endpoint", "host", "server", "address", "token", "key", "keys", "secret", "password", "admin", "admins", "owner", "issuer",
                                     "image", "command", "webhook", "proxy", "peer", "peers", "domain", "allowed", "whitelist", "allowlist", NULL};

/* config['api_url'], cfg.ApiURL */
static struct place find_power(const struct program *p, const struct carriers *x)
{
    for (size_t i = 0; i < p->n; i++) {
        bool named = p->at[i].kind == TOKEN_WORD || p->at[i].kind == TOKEN_STRING;
        if (!named || text_has_any(program_token(p, i), x->words) || !name_has_part(program_token(p, i), powers))
            continue;
        if (comes_from_it(p, program_statement_start(p, i), program_statement_end(p, i), x))
            return program_place(p, i, i + 1);
    }
    return (struct place){0};
}

/* API_TOKEN=$(jq -r .token /dstack/user_config), --url "$(jq -r .url "$CONFIG")" */
static struct place shell_power(const struct shell *sh, const struct carriers *x)
{
    for (size_t i = 0; i < sh->commands.n; i++) {
        const struct command *c = sh->commands.at[i];
        bool taken = false;
        for (size_t k = 0; k < c->n; k++)
            taken = taken || carried(c->words[k].text, x) != CARRIERS;
        for (size_t k = 0; taken && k < c->n; k++)
            if (!sv_has(c->words[k].text, SV("host-shared")) && name_has_part(c->words[k].text, powers))
                return c->words[k].place;
        for (const struct assign *set = c->assigns; set != NULL; set = set->next)
            if (carried(set->value, x) != CARRIERS && name_has_part(set->name, powers))
                return set->place;
    }
    return (struct place){0};
}

static void judge_text(struct check_run *c, const struct source *s, const struct app_compose *app)
{
    size_t at = find_user_config(s);
    c->examined++;
    if (at == SV_NOT_FOUND)
        return;
    const struct program *p = read_program(c->facts->repo, s);
    const struct shell *sh = s->lang == LANG_SHELL ? read_shell(c->facts->repo, s) : NULL;
    struct place place = {s, at, at + 19};
    if (p == NULL) {
        ask(c, place, "Does anything compare user_config with a hash or signature from the measured text before this program uses it?");
        return;
    }
    struct carriers carriers = {0};
    if (sh != NULL)
        shell_carriers(c->arena, sh, &carriers);
    else
        carriers_of(c->arena, p, &carriers);
    if (is_checked(p, sh, &carriers))
        return;
    struct place power = sh != NULL ? shell_power(sh, &carriers) : find_power(p, &carriers);
    struct finding *f = report(c, place, SV("user_config"), "user_config is read and nothing checks it: no hash covers the file, and operator or host replace it at will%s.",
                               power.src != NULL ? ", with the addresses or credentials that the program takes from it" : "");
    if (power.src != NULL)
        relate(c, f, power, "taken from it");
    for (size_t i = 0; app != NULL && i < c->facts->deployments.n && f->deployment == NULL; i++)
        if (c->facts->deployments.at[i]->app == app)
            f->deployment = c->facts->deployments.at[i];
    f->severity = power.src != NULL ? SEV_HIGH : SEV_MEDIUM;
}

/* ---- mounts ----------------------------------------------------------------------------------------------------- */

/* Some program of the app may check it; the mount alone shows only that it is used. */
static void judge_mounts(struct check_run *c, const struct service *s)
{
    struct mounts mounts = {0};
    mounts_of(c->arena, s, &mounts);
    for (size_t i = 0; i < mounts.all.n; i++) {
        const struct mount *m = mounts.all.at[i];
        c->examined++;
        if (!SV_IN(m->path, SV("/dstack/user_config"), SV("/dstack/.user-config"), SV("/dstack/.host-shared/.user-config")))
            continue;
        struct finding *f = report(c, m->place, m->source, "'%.*s' gets user_config, which no hash covers: unless its program compares the file with a hash of the measured text, operator and host set what it says.",
                                   SV_ARG(service_name(s)));
        f->confidence = CONF_MEDIUM;
        on_service(f, s, SEV_MEDIUM);
    }
}

/* DS-14 */
void check_user_config(struct check_run *c)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->services.n; i++)
        judge_mounts(c, f->services.at[i]);
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        bool exact = false, script = s->kind == SOURCE_SCRIPT;
        if ((s->kind != SOURCE_CODE && !script) || place_is_aside((struct place){s, 0, 0}))
            continue;
        if (!script || phala_prelaunch_version(f->arena, s->text, &exact).n == 0)
            judge_text(c, s, NULL);
    }
    for (size_t i = 0; i < f->app_composes.n; i++) {
        const struct app_compose *app = f->app_composes.at[i];
        if (app->pre_launch != NULL && app->prelaunch_version.n == 0)
            judge_text(c, app->pre_launch, app);
        if (app->bash_script != NULL)
            judge_text(c, app->bash_script, app);
        for (size_t k = 0; k < app->init_scripts.n; k++)
            judge_text(c, app->init_scripts.at[k], app);
    }
}
