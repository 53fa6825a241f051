/* Who may change the code of the app: contracts, the scripts that deploy them, and the KMS. */
#include <string.h>

#include "check/lookup.h"
#include "doc/read_program.h"

enum { DAY = 24 * 60 * 60 };

static bool is_audited(const struct source *s)
{
    return s->kind == SOURCE_CODE && !s->vendored && s->scope != SCOPE_TEST && s->scope != SCOPE_DOC;
}

/* Solidity that deploys, and is not deployed: Foundry's name for it. */
static bool is_deploy_solidity(const struct source *s)
{
    return s->lang == LANG_SOLIDITY && sv_ends(s->path, SV(".s.sol"));
}

/* A contract that decides about boots. */
static bool governs_boot(const struct source *s)
{
    return s->lang == LANG_SOLIDITY && is_audited(s) && !is_deploy_solidity(s) &&
           (source_ihas(s, SV("composeHash")) || source_has(s, SV("isAppAllowed")));
}

static void each_program(struct check_run *c, bool (*wants)(const struct source *s),
                         void (*look)(struct check_run *c, const struct program *p))
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        const struct program *p = wants(s) ? read_program(c->facts->repo, s) : NULL;
        if (p == NULL)
            continue;
        look(c, p);
    }
}

/* ---- calls of deploy scripts ---------------------------------------------------------------------- */

static bool names_contract_call(const struct source *s)
{
    return is_audited(s) && (s->lang != LANG_SOLIDITY || is_deploy_solidity(s)) &&
           (source_ihas(s, SV("composeHash")) || source_ihas(s, SV("compose_hash")) || source_ihas(s, SV("deployAndRegisterApp")) ||
            source_ihas(s, SV("allowAnyDevice")));
}

static bool is_word(const struct program *p, size_t from, size_t to, const char *word)
{
    sv text = sv_trim(program_text(p, from, to));
    return sv_ieq(sv_unquote(text), sv_from(word));
}

/* The comment that explains an argument: "False,  # disableUpgrades". */
static bool line_says(const struct program *p, size_t token, const char *what)
{
    const struct source *s = p->src;
    sv line = line_text(&s->lines, s->text, line_at(&s->lines, p->at[token].start));
    size_t comment = sv_find(line, SV("#"));
    if (comment == SV_NOT_FOUND)
        comment = sv_find(line, SV("//"));
    return comment != SV_NOT_FOUND && sv_ihas(sv_sub(line, comment, line.n), sv_from(what));
}

/* deployAndRegisterApp(owner, disableUpgrades, allowAnyDevice, …), whatever the language. */
static bool factory_argument(const struct program *p, const struct call *k, size_t number, const char *word, size_t *at)
{
    size_t from, to;
    if (!sv_eq(k->name, SV("deployAndRegisterApp")) || !program_argument(p, k, number, &from, &to) ||
        !is_word(p, from, to, word))
        return false;
    *at = from;
    return true;
}

/* Index of the word of `cast send … 'setX(bool)' …` that names the function; 0 where the command is none. */
static size_t cast_function(const struct run *run, const char *function)
{
    if (!sv_eq(command_name(run->command), SV("cast")) || run->scope == SCOPE_TEST || !command_has(run->command, "send"))
        return 0;
    for (size_t i = 1; i < run->command->n; i++)
        if (sv_starts(run->command->words[i].text, sv_from(function)))
            return i;
    return 0;
}

/* 1, 0: the boolean is true, false; -1: not given as a literal. */
static int cast_bool(const struct run *run, size_t word, struct place *at)
{
    if (word >= run->command->n)
        return -1;
    sv text = run->command->words[word].text;
    *at = run->command->words[word].place;
    return sv_eq(text, SV("true")) ? 1 : sv_eq(text, SV("false")) ? 0 : -1;
}

static int cast_factory_argument(const struct run *run, size_t number, struct place *at)
{
    size_t function = cast_function(run, "deployAndRegisterApp(");
    return function == 0 ? -1 : cast_bool(run, function + 1 + number, at);
}

static void look_at_upgrades(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        size_t at;
        c->examined += sv_eq(p->calls.at[i].name, SV("deployAndRegisterApp"));
        if (factory_argument(p, &p->calls.at[i], 1, "false", &at))
            report(c, program_place(p, at, at + 1), SV("disableUpgrades"),
                   "disableUpgrades is false: the owner can replace the contract that decides which code may boot.");
    }
}

/* UUPS: the owner alone authorises the next implementation, at any time. */
static void look_at_implementation(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_FUNCTION || !sv_eq(b->name, SV("_authorizeUpgrade")))
            continue;
        c->examined++;
        if (b->body == b->body_end && program_says(p, b->head, b->head_end, "owner"))
            report(c, program_place(p, b->head, b->head_end), b->name,
                   "The owner can replace the contract that decides which code may boot, at once and for ever.");
    }
}

void check_contract_upgrades(struct check_run *c)
{
    each_program(c, names_contract_call, look_at_upgrades);
    each_program(c, governs_boot, look_at_implementation);
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        struct place at;
        int given = cast_factory_argument(c->facts->runs.at[i], 1, &at);
        c->examined += given >= 0;
        if (given == 0)
            on_scope(report(c, at, SV("disableUpgrades"),
                            "disableUpgrades is false: the owner can replace the contract that decides which code may boot."),
                     c->facts->runs.at[i]->scope, c->rule->severity);
    }
}

#define ANY_DEVICE "allowAnyDevice is true: every TDX machine gets the keys of the app, one in the operator's own rack included."

static void report_any_device(struct check_run *c, const struct program *p, size_t at)
{
    report(c, program_place(p, at, at + 1), SV("allowAnyDevice"), ANY_DEVICE);
}

static void look_at_devices(struct check_run *c, const struct program *p)
{
    size_t reported = SV_NOT_FOUND;
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t at = SV_NOT_FOUND, from, to;
        c->examined += SV_IN(k->name, SV("deployAndRegisterApp"), SV("setAllowAnyDevice"));
        if (factory_argument(p, k, 2, "true", &at) ||
            (sv_eq(k->name, SV("setAllowAnyDevice")) && program_argument(p, k, 0, &from, &to) && is_word(p, from, to, "true"))) {
            reported = at == SV_NOT_FOUND ? k->open + 1 : at;
            report_any_device(c, p, reported);
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        bool yes = sv_ieq(sv_unquote(program_token(p, i)), SV("true"));
        bool named = i >= 2 && (program_is(p, i - 1, "=") || program_is(p, i - 1, ":")) &&
                     SV_IN(sv_unquote(program_token(p, i - 2)), SV("allowAnyDevice"), SV("allow_any_device"));
        if (yes && i != reported && (named || line_says(p, i, "allowAnyDevice")))
            report_any_device(c, p, i);
    }
}

static bool names_devices(const struct source *s)
{
    return is_audited(s) && (source_ihas(s, SV("allowAnyDevice")) || source_has(s, SV("deployAndRegisterApp")));
}

void check_any_device(struct check_run *c)
{
    each_program(c, names_devices, look_at_devices);
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *run = c->facts->runs.at[i];
        struct place at;
        size_t set = cast_function(run, "setAllowAnyDevice(");
        int given = set != 0 ? cast_bool(run, set + 1, &at) : cast_factory_argument(run, 2, &at);
        c->examined += given >= 0;
        if (given == 1)
            on_scope(report(c, at, SV("allowAnyDevice"), ANY_DEVICE), run->scope, c->rule->severity);
    }
}

static void look_at_hashes(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!SV_IN(k->name, SV("addComposeHash"), SV("add_compose_hash")) || !sv_has(k->chain, SV(".")))
            continue;
        c->examined++;
        report(c, program_place(p, k->from, k->close + 1), SV("addComposeHash"),
               "The owner key adds a compose hash with immediate effect: other code boots with the app's keys in the next block.");
    }
}

static void look_at_cast(struct check_run *c, const struct run *run)
{
    if (cast_function(run, "addComposeHash(") == 0)
        return;
    c->examined++;
    on_scope(report(c, run->command->place, SV("addComposeHash"),
                    "The owner key adds a compose hash with immediate effect: other code boots with the app's keys in the next block."),
             run->scope, SEV_HIGH);
}

/* A time that is compared or lies ahead; a time that is only written down delays nothing. */
static bool waits(const struct program *p, const struct block *b)
{
    for (size_t i = b->head; i + 1 < b->body_end; i++) {
        if (!program_is(p, i, "timestamp"))
            continue;
        static const char *const before[] = {"<", "<=", ">", ">="}, *const behind[] = {"<", "<=", ">", ">=", "+"};
        for (size_t k = 0; k < sizeof behind / sizeof *behind; k++)
            if (program_is(p, i + 1, behind[k]))
                return true;
        for (size_t k = 0; i >= 3 && k < sizeof before / sizeof *before; k++)
            if (program_is(p, i - 3, before[k])) /* "activatesAt <= block.timestamp" */
                return true;
    }
    return program_says(p, b->head, b->body_end, "timelock");
}

/* Solidity: a function that allows a hash and asks for no time to pass. */
static void look_at_adding(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_FUNCTION || !sv_eq(b->name, SV("addComposeHash")))
            continue;
        c->examined++;
        if (waits(p, b))
            continue;
        report(c, program_place(p, b->head, b->head + 1), SV("addComposeHash"),
               "addComposeHash takes effect in the same transaction: no notice protects those who use the app.");
    }
}

void check_upgrade_without_notice(struct check_run *c)
{
    each_program(c, names_contract_call, look_at_hashes);
    each_program(c, governs_boot, look_at_adding);
    for (size_t i = 0; i < c->facts->runs.n; i++)
        look_at_cast(c, c->facts->runs.at[i]);
}

/* ---- notice periods --------------------------------------------------------------------------------- */

/* "7 * 24 * 60 * 60", "86_400"; more than a year where it would not fit. */
static unsigned long product_of(sv text)
{
    unsigned long value = 1, factor = 0;
    for (size_t i = 0; i <= text.n; i++) {
        char ch = i == text.n ? '*' : text.p[i];
        if (ch >= '0' && ch <= '9' && factor < 400ul * DAY)
            factor = factor * 10 + (unsigned long)(ch - '0');
        if (ch == '*') {
            value = value < 400ul * DAY ? value * factor : value;
            factor = 0;
        }
    }
    return value;
}

static unsigned long unit_of(sv unit)
{
    if (sv_eq(unit, SV("minutes")))
        return 60;
    if (sv_eq(unit, SV("hours")))
        return 3600;
    return sv_eq(unit, SV("days")) ? DAY : sv_eq(unit, SV("weeks")) ? 7ul * DAY : 1;
}

static bool creates_timelock(const struct source *s) { return is_audited(s) && source_has(s, SV("TimelockController")); }

/* new TimelockController(0, …), deploy("TimelockController", [0, …]): the delay is the first argument. */
static void look_at_timelocks(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t from, to, open = SV_NOT_FOUND;
        bool creates = sv_eq(k->name, SV("TimelockController")) && k->from > 0 && program_is(p, k->from - 1, "new");
        if (!creates && program_argument(p, k, 0, &from, &to) && to == from + 1 && p->at[from].kind == TOKEN_STRING && sv_eq(program_string(p, from), SV("TimelockController")))
            for (size_t t = to; t < k->close && open == SV_NOT_FOUND; t++)
                open = program_is(p, t, "[") ? t : open;
        if (creates ? !program_argument(p, k, 0, &from, &to) : open == SV_NOT_FOUND)
            continue;
        from = creates ? from : open + 1;
        to = creates ? to : program_expression_end(p, from);
        sv text = sv_trim(program_text(p, from, to));
        c->examined++;
        size_t space = sv_rfind_char(text, ' ');
        unsigned long seconds = product_of(text) * unit_of(space == SV_NOT_FOUND ? SV_NONE : sv_sub(text, space + 1, text.n));
        if (text.n != 0 && text.p[0] >= '0' && text.p[0] <= '9' && seconds < DAY)
            report(c, program_place(p, from, to), SV("TimelockController"), "The timelock is created with a delay of %lu seconds: nobody can read the new code and leave in that time.", seconds);
    }
}

void check_notice_short(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->hits.all.n; i++) {
        const struct hit *h = c->facts->hits.all.at[i];
        if (h->pattern->rule != c->rule || place_is_aside(h->place))
            continue;
        c->examined++;
        unsigned long seconds = product_of(hit_group(h, "VALUE")) * unit_of(hit_group(h, "UNIT"));
        if (seconds >= DAY)
            continue;
        report(c, h->place, hit_group(h, "NAME"), "%.*s is %lu seconds: nobody can read the new code and leave in that time.",
               SV_ARG(hit_group(h, "NAME")), seconds);
    }
    each_program(c, creates_timelock, look_at_timelocks);
}

static bool is_period(sv name)
{
    return sv_ieq(name, SV("noticePeriod")) || sv_ieq(name, SV("minDelay")) || sv_ieq(name, SV("timelockDelay")) ||
           sv_ieq(name, SV("upgradeDelay"));
}

/* The body requires something of the value that is assigned. */
static bool requires(const struct program *p, const struct block *b, sv value)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (k->from >= b->body && k->from < b->body_end && sv_eq(k->name, SV("require")) &&
            program_mentions(p, k->open, k->close, value))
            return true;
    }
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *inner = p->blocks.at[i];
        if (inner->kind == BLOCK_IF && inner->head >= b->body && inner->head < b->body_end &&
            program_mentions(p, inner->head, inner->head_end, value))
            return true;
    }
    return false;
}

static void look_at_periods(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        const struct block *b = program_function_at(p, a->at);
        if (!is_period(a->target) || b == NULL || a->value_end != a->value + 1 || p->at[a->value].kind != TOKEN_WORD)
            continue;
        c->examined++;
        if (!requires(p, b, program_token(p, a->value)))
            report(c, program_place(p, a->at, a->value_end), a->target,
                   "%.*s takes any value, zero included: the contract itself promises no notice.", SV_ARG(a->target));
    }
}

void check_notice_unbounded(struct check_run *c)
{
    each_program(c, governs_boot, look_at_periods);
}

/* ---- the contract itself ------------------------------------------------------------------------------- */

static size_t declaration_of(const struct program *p, const char *name)
{
    for (size_t i = 1; i + 1 < p->n; i++)
        if (program_is(p, i, name) && program_is(p, i + 1, ";") && program_is(p, i - 1, "public"))
            return i;
    return SV_NOT_FOUND;
}

static void look_at_owner(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        if (!SV_IN(a->target, SV("owner"), SV("_owner"), SV("admin"), SV("governance")))
            continue;
        c->examined++;
        sv value = program_text(p, a->value, a->value_end);
        if (!sv_eq(value, SV("msg.sender")))
            continue;
        size_t declared = declaration_of(p, sv_copy(c->arena, a->target).p);
        struct place where = declared == SV_NOT_FOUND ? program_place(p, a->at, a->value_end) : program_place(p, declared, declared + 1);
        bool hand_over = source_has(p->src, SV("transferOwnership"));
        struct finding *r = report(c, where, a->target, "The account that deploys the contract owns it%s: one key decides which code may boot.",
                                   hand_over ? "" : ", and no function hands it over");
        relate(c, r, program_place(p, a->at, a->value_end), "set here");
        return;
    }
}

/* `constructor() Ownable(msg.sender)`, `__Ownable_init(msg.sender)`. */
static void look_at_ownable(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!SV_IN(k->name, SV("Ownable"), SV("Ownable2Step"), SV("__Ownable_init"), SV("_transferOwnership")))
            continue;
        c->examined++;
        if (is_word(p, k->open + 1, k->close, "msg.sender"))
            report(c, program_place(p, k->from, k->close + 1), SV("owner"),
                   "The account that deploys the contract owns it: one key decides which code may boot.");
    }
}

/* The contract of that name, where the repository holds it and it decides about boots. */
static bool names_governing(const struct check_run *c, sv name)
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        if (governs_boot(s) && source_has(s, sv_printf(c->arena, "contract %.*s ", SV_ARG(name))))
            return true;
    }
    return false;
}

/* The address of the key that signs the deployment. */
static bool is_deployer(const struct program *p, size_t from, size_t to)
{
    const struct assignment *a = to == from + 1 && p->at[from].kind == TOKEN_WORD ? program_assigned(p, program_token(p, from), from) : NULL;
    sv text = a != NULL ? program_text(p, a->value, a->value_end) : program_text(p, from, to);
    return sv_has(text, SV("vm.addr(")) || sv_has(text, SV("msg.sender")) || sv_has(text, SV("account.address")) ||
           sv_has(text, SV("deployer.address")) || sv_has(text, SV("wallet.address"));
}

/* deployAndRegisterApp(owner, …), and `new AppAuth(owner)` of a contract with an owner argument. */
static void look_at_first_owner(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        bool factory = sv_eq(k->name, SV("deployAndRegisterApp"));
        bool constructs = is_deploy_solidity(p->src) && k->from > 0 && program_is(p, k->from - 1, "new") && names_governing(c, k->name);
        size_t from, to;
        if ((!factory && !constructs) || !program_argument(p, k, 0, &from, &to))
            continue;
        c->examined++;
        if (is_deployer(p, from, to))
            report(c, program_place(p, from, to), SV("owner"), "The key that deploys the contract becomes its owner: one key decides which code may boot.");
    }
}

static bool deploys_app(const struct source *s)
{
    return is_audited(s) && (is_deploy_solidity(s) || (s->lang != LANG_SOLIDITY && source_has(s, SV("deployAndRegisterApp"))));
}

void check_single_owner(struct check_run *c)
{
    each_program(c, governs_boot, look_at_owner);
    each_program(c, governs_boot, look_at_ownable);
    each_program(c, deploys_app, look_at_first_owner);
}

static void look_at_boot(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_FUNCTION || !sv_eq(b->name, SV("isAppAllowed")) || b->body >= b->body_end)
            continue;
        c->examined++;
        if (program_says(p, b->body, b->body_end, "tcb") || program_says(p, b->body, b->body_end, "super"))
            continue;
        struct finding *r = report(c, program_place(p, b->head, b->head_end), SV("isAppAllowed"),
                                   "isAppAllowed decides without tcbStatus, advisories%s: a machine with known holes gets the keys.",
                                   program_says(p, b->body, b->body_end, "osImageHash") ? "" : " and OS image");
        relate(c, r, program_place(p, b->body, b->body + 1), "decides here");
    }
}

void check_boot_ignores_tcb(struct check_run *c)
{
    each_program(c, governs_boot, look_at_boot);
}

/* `allowedComposeHashes[h] = true` in a function that emits nothing. */
static void look_at_events(struct check_run *c, const struct program *p)
{
    for (size_t i = 3; i < p->n; i++) {
        if (!program_is(p, i, "true") || !program_is(p, i - 1, "=") || !program_is(p, i - 2, "]") ||
            program_match(p, i - 2) == SV_NOT_FOUND || program_match(p, i - 2) == 0)
            continue;
        size_t name = program_match(p, i - 2) - 1;
        const struct block *b = program_function_at(p, i);
        if (b == NULL || !sv_ihas(program_token(p, name), SV("hash")))
            continue;
        c->examined++;
        if (program_find(p, b->body, b->body_end, "emit") == SV_NOT_FOUND)
            report(c, program_place(p, name, i + 1), program_token(p, name),
                   "A hash becomes allowed here and no event says so: the public history of the app's code has a hole.");
    }
}

void check_hash_without_event(struct check_run *c)
{
    each_program(c, governs_boot, look_at_events);
}

/* Activation waits for a time and never ends: `timestamp >=` and no `timestamp <`. */
static void look_at_expiry(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_FUNCTION || !(sv_ihas(b->name, SV("activate")) || sv_ihas(b->name, SV("execute"))))
            continue;
        size_t from = SV_NOT_FOUND;
        bool ends = false;
        for (size_t k = b->body; k + 1 < b->body_end; k++) {
            if (!program_is(p, k, "timestamp"))
                continue;
            bool starts = program_is(p, k + 1, ">=") || program_is(p, k + 1, ">");
            from = starts && from == SV_NOT_FOUND ? k : from;
            ends = ends || program_is(p, k + 1, "<") || program_is(p, k + 1, "<=");
        }
        c->examined += from != SV_NOT_FOUND;
        if (from != SV_NOT_FOUND && !ends)
            report(c, program_place(p, from, from + 1), b->name,
                   "What was proposed once can be activated at any later time, without another notice.");
    }
}

void check_proposal_expiry(struct check_run *c)
{
    each_program(c, governs_boot, look_at_expiry);
}
