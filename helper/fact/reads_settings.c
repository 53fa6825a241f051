/* Python classes whose fields are variables of the environment: pydantic-settings 2
 * (docs.pydantic.dev/latest/concepts/pydantic_settings) and BaseSettings of pydantic 1. */
#include <stdlib.h>

#include "fact/reads.h"

enum { SAME_NAME = 64 }; /* classes of one name that are looked at */

/* What a settings class says about the names of its variables. */
struct naming {
    sv prefix, delimiter;
    sv secrets;      /* secrets_dir: a file for each variable, in lower case */
    bool case_sensitive;
    bool by_name;    /* populate_by_name: the field's own name serves beside its aliases */
    bool version_1;  /* pydantic 1 takes no alias for a variable */
};

static size_t statement_end(const struct code *c, size_t i)
{
    size_t end = code_behind(c, i);
    while (end < c->n && !code_first(c, end))
        end = code_behind(c, end);
    return end;
}

static bool is_class(const struct code *c, size_t i)
{
    return code_is(c, i, "class") && code_first(c, i) && code_is_word(c, i + 1);
}

/* Index of the first statement of the class that begins at `i`; *end is behind its last. */
static size_t class_body(const struct code *c, size_t i, size_t *end)
{
    size_t at = i + 2;
    if (code_is(c, at, "("))
        at = code_behind(c, at);
    *end = code_indent_end(c, i);
    return at + 1 < *end ? at + 1 : *end;
}

/* Order of the table: by name, then by file. */
static int class_cmp(const void *x, const void *y)
{
    const struct settings_class *a = *(struct settings_class *const *)x, *b = *(struct settings_class *const *)y;
    int by_name = sv_cmp(a->name, b->name);
    if (by_name != 0)
        return by_name;
    int by_path = sv_cmp(a->src->path, b->src->path);
    return by_path != 0 ? by_path : (a->at > b->at) - (a->at < b->at);
}

/* The class of that name: in this file if there is one, else the first. */
static struct settings_class *find_class(const struct reading *p, const struct code *c, sv name)
{
    size_t low = 0, high = p->classes.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sv_cmp(p->classes.at[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < p->classes.n && i < low + SAME_NAME && sv_eq(p->classes.at[i]->name, name); i++)
        if (p->classes.at[i]->src == c->src)
            return p->classes.at[i];
    return low < p->classes.n && sv_eq(p->classes.at[low]->name, name) ? p->classes.at[low] : NULL;
}

/* One base makes it a settings class: BaseSettings itself, or a class known to be one. */
static bool has_settings_base(const struct reading *p, const struct settings_class *s)
{
    const struct code *c = s->code;
    size_t i = s->at;
    if (!code_is(c, i + 2, "("))
        return false;
    size_t close = c->at[i + 2].partner;
    for (size_t k = i + 3; k < close && k < c->n; k++) {
        if (!code_is_word(c, k))
            continue;
        if (code_is(c, k, "BaseSettings") || sv_eq(code_text(c, k), s->base))
            return true;
        const struct settings_class *base = find_class(p, c, code_text(c, k));
        if (base != NULL && base->settings)
            return true;
    }
    return false;
}

void reads_collect_classes(struct reading *p)
{
    for (size_t i = 0; i < p->codes.n; i++) {
        const struct code *c = p->codes.at[i];
        if (c->src->lang != LANG_PYTHON || !code_mentions(c, "class "))
            continue;
        sv base = SV("BaseSettings"); /* import BaseSettings as Base */
        for (size_t k = 0; (k = code_next_word(c, k, SV("BaseSettings"))) < c->n; k++)
            if (code_is(c, k + 1, "as") && code_is_word(c, k + 2))
                base = code_text(c, k + 2);
        for (size_t k = 0; (k = code_next_word(c, k, SV("class"))) < c->n; k++) {
            if (!is_class(c, k))
                continue;
            struct settings_class *s = vec_new(p->facts->arena, &p->classes, struct settings_class);
            *s = (struct settings_class){code_text(c, k + 1), base, c->src, c, k, false};
        }
    }
    if (p->classes.n != 0)
        qsort(p->classes.at, p->classes.n, sizeof *p->classes.at, class_cmp);
    for (int round = 0; round < 4; round++) /* base of a base of a base */
        for (size_t i = 0; i < p->classes.n; i++) {
            struct settings_class *s = p->classes.at[i];
            s->settings = s->settings || has_settings_base(p, s);
        }
}

static void take_naming(const struct code *c, size_t value, const char *what, struct naming *n)
{
    sv s = code_string(c, value);
    if (sv_eq(sv_from(what), SV("env_prefix")) && s.p != NULL)
        n->prefix = s;
    else if (sv_eq(sv_from(what), SV("env_nested_delimiter")) && s.p != NULL)
        n->delimiter = s;
    else if (sv_eq(sv_from(what), SV("secrets_dir")) && s.p != NULL)
        n->secrets = s;
    else if (sv_eq(sv_from(what), SV("case_sensitive")))
        n->case_sensitive = code_is(c, value, "True");
    else if (SV_IN(sv_from(what), SV("populate_by_name"), SV("validate_by_name")))
        n->by_name = code_is(c, value, "True");
}

static const char *const naming_options[] = {"env_prefix", "env_nested_delimiter", "case_sensitive", "populate_by_name", "validate_by_name", "secrets_dir"};

/* model_config = SettingsConfigDict(env_prefix=…) or {"env_prefix": …}; class Config: env_prefix = …;
 * class S(BaseSettings, env_prefix=…). */
static void read_naming(const struct code *c, size_t i, struct naming *n)
{
    size_t end, body = class_body(c, i, &end);
    n->version_1 = code_mentions(c, "from pydantic import") && code_mentions(c, "BaseSettings") && !code_mentions(c, "pydantic_settings");
    for (size_t o = 0; o < sizeof naming_options / sizeof naming_options[0]; o++) {
        const char *option = naming_options[o];
        size_t value = code_is(c, i + 2, "(") ? code_keyword(c, i + 3, c->at[i + 2].partner, option, NULL) : SV_NOT_FOUND;
        if (value != SV_NOT_FOUND)
            take_naming(c, value, option, n);
        for (size_t k = body; k < end; k = statement_end(c, k)) {
            size_t list = k + 2;
            while (list < statement_end(c, k) && !code_is(c, list, "(") && !code_is(c, list, "{"))
                list++;
            if (code_is(c, k, "model_config") && list < end && list < c->n && c->at[list].partner <= end) {
                value = code_keyword(c, list + 1, c->at[list].partner, option, NULL);
                if (value != SV_NOT_FOUND)
                    take_naming(c, value, option, n);
            }
            if (code_is(c, k, option) && code_is(c, k + 1, "=")) /* inside class Config */
                take_naming(c, k + 2, option, n);
        }
    }
}

static sv variable_name(const struct code *c, const struct naming *n, sv prefix, sv field)
{
    sv name = sv_concat(c->facts->arena, prefix, field);
    return n->case_sensitive ? name : sv_upper(c->facts->arena, name);
}

/* Names a Field() states: validation_alias= and alias= (string, AliasChoices, AliasPath, list), env= of pydantic 1. */
static size_t add_aliases(const struct code *c, const struct naming *n, size_t open, size_t from, size_t to,
                          struct env_read **rows, size_t room)
{
    static const char *const options[] = {"validation_alias", "alias", "env"};
    size_t count = 0, close = c->at[open].partner;
    for (size_t o = n->version_1 ? 2 : 0; o < 3 && count == 0; o++) {
        size_t end = 0, value = code_keyword(c, open + 1, close, options[o], &end);
        if (value == SV_NOT_FOUND)
            continue;
        for (size_t k = value; k < end && k < c->n && count < room; k++) {
            size_t at = k;
            if (code_is(c, k, "AliasPath") && code_is(c, k + 1, "(")) { /* its first step is the variable */
                at = k + 2;
                k = code_behind(c, k + 1) - 1;
            }
            sv alias = code_string(c, at);
            if (reads_is_name(alias))
                rows[count++] = reads_add(c, variable_name(c, n, SV(""), alias), from, to, "pydantic-settings");
        }
    }
    return count;
}

/* class Config: fields = {"url": {"env": "SERVICE_URL"}} of pydantic 1. */
static sv name_in_config(const struct code *c, size_t from, size_t to, sv field)
{
    for (size_t i = from; i + 2 < to && i + 2 < c->n; i++) {
        if (!code_is(c, i, "fields") || !code_is(c, i + 1, "=") || !code_is(c, i + 2, "{"))
            continue;
        size_t close = c->at[i + 2].partner, value = SV_NOT_FOUND;
        for (size_t k = i + 3; k < close && k < c->n; k = code_item_end(c, k, close) + 1)
            if (sv_eq(code_string(c, k), field) && code_is(c, k + 1, ":"))
                value = k + 2;
        if (value != SV_NOT_FOUND && code_is(c, value, "{"))
            value = code_keyword(c, value + 1, c->at[value].partner, "env", NULL);
        return value == SV_NOT_FOUND ? SV_NONE : code_string(c, value);
    }
    return SV_NONE;
}

/* The default in Field(default, …), Field(default=…); false where it has none. */
static bool field_default(const struct code *c, size_t open, sv *out)
{
    size_t close = c->at[open].partner, end = close, value = code_keyword(c, open + 1, close, "default", &end);
    if (value == SV_NOT_FOUND && code_keyword(c, open + 1, close, "default_factory", NULL) != SV_NOT_FOUND) {
        *out = SV_NONE;
        return true;
    }
    if (value == SV_NOT_FOUND) {
        value = open + 1;
        end = code_item_end(c, value, close);
        if (value >= close || (code_is(c, value + 1, "=") && code_is_word(c, value)))
            return false;
    }
    if (code_is(c, value, "Ellipsis") || code_is(c, value, "...") || (code_is(c, value, ".") && code_is(c, value + 1, ".")))
        return false;
    *out = code_value(c, value, end);
    return true;
}

static void add_fields(struct reading *p, const struct code *c, size_t i, const struct naming *n, sv prefix, int depth);

/* `db: Database` where Database is a class of the repository: its fields are PREFIX_DB__FIELD. */
static bool add_nested(struct reading *p, const struct code *c, size_t type, size_t type_end, sv field,
                       const struct naming *n, sv prefix, int depth)
{
    for (size_t k = type; k < type_end; k++) {
        if (!code_is_word(c, k))
            continue;
        const struct settings_class *inner = find_class(p, c, code_text(c, k));
        if (inner == NULL)
            continue;
        if (inner->settings)
            return true; /* reads the environment by itself */
        if (n->delimiter.n == 0 || depth >= 3)
            return false;
        sv longer = sv_printf(c->facts->arena, "%.*s%.*s%.*s", SV_ARG(prefix), SV_ARG(field), SV_ARG(n->delimiter));
        size_t before = p->facts->env_reads.n;
        add_fields(p, inner->code, inner->at, n, longer, depth + 1);
        return p->facts->env_reads.n > before;
    }
    return false;
}

/* The bracket of the Field() in `= Field(…)`, or in `Annotated[T, Field(…)]`; SV_NOT_FOUND where there is none. */
static size_t field_call(const struct code *c, size_t from, size_t to)
{
    for (size_t k = from; k < to; k++)
        if ((code_is(c, k, "Field") || code_is(c, k, "PrivateAttr")) && code_is(c, k + 1, "("))
            return k + 1;
    return SV_NOT_FOUND;
}

/* name: type [= default], the statement [i, end) of the class whose body is [body, close). */
static void add_field(struct reading *p, const struct code *c, size_t i, size_t end, const struct naming *n, sv prefix, int depth,
                      size_t body, size_t close)
{
    size_t type = i + 2, type_end = type;
    while (type_end < end && !code_is(c, type_end, "="))
        type_end = code_behind(c, type_end);
    if (code_is(c, type, "ClassVar") || code_text(c, i).p[0] == '_' || code_is(c, i, "model_config"))
        return;
    if (add_nested(p, c, type, type_end, code_text(c, i), n, prefix, depth))
        return;
    size_t value = type_end + 1, behind = value;
    bool has_value = value < end;
    if (has_value)
        code_chain(c, value, &behind);
    bool called = has_value && code_is(c, behind, "(") && field_call(c, behind - 1, behind) != SV_NOT_FOUND;
    size_t call = called ? behind : field_call(c, type, type_end);
    if (call != SV_NOT_FOUND && code_is(c, call - 1, "PrivateAttr"))
        return;
    struct env_read *rows[8];
    size_t count = call != SV_NOT_FOUND ? add_aliases(c, n, call, i, i, rows, 7) : 0;
    sv configured = n->version_1 && count == 0 ? name_in_config(c, body, close, code_text(c, i)) : SV_NONE;
    if (reads_is_name(configured))
        rows[count++] = reads_add(c, variable_name(c, n, SV(""), configured), i, i, "pydantic-settings");
    if (count == 0 || n->by_name)
        rows[count++] = reads_add(c, variable_name(c, n, prefix, code_text(c, i)), i, i, "pydantic-settings");
    sv fallback = SV_NONE;
    bool plain = has_value && !called, has = plain || (call != SV_NOT_FOUND && field_default(c, call, &fallback));
    if (plain)
        fallback = code_value(c, value, end);
    for (size_t k = 0; k < count; k++) {
        rows[k]->field = code_text(c, i);
        rows[k]->has_fallback = has;
        rows[k]->fallback = fallback;
        rows[k]->required = !has;
        rows[k]->any_case = !n->case_sensitive;
        rows[k]->secrets = n->secrets;
    }
}

static void add_fields(struct reading *p, const struct code *c, size_t i, const struct naming *n, sv prefix, int depth)
{
    size_t end, body = class_body(c, i, &end);
    size_t indent = code_indent(c, body);
    for (size_t k = body, next; k < end; k = next) {
        next = statement_end(c, k);
        if (next > end)
            next = end;
        if (code_is_word(c, k) && code_is(c, k + 1, ":") && code_indent(c, k) == indent && k + 2 < next &&
            !SV_IN(code_text(c, k), SV("else"), SV("try"), SV("finally")))
            add_field(p, c, k, next, n, prefix, depth, body, end);
    }
}

/* Options of the bases hold for the class too. */
static void inherited_naming(const struct reading *p, const struct code *c, size_t i, struct naming *n, int depth)
{
    if (code_is(c, i + 2, "(") && depth < 4)
        for (size_t k = i + 3; k < c->at[i + 2].partner && k < c->n; k++) {
            const struct settings_class *base = code_is_word(c, k) ? find_class(p, c, code_text(c, k)) : NULL;
            if (base != NULL && base->settings && (base->code != c || base->at != i))
                inherited_naming(p, base->code, base->at, n, depth + 1);
        }
    read_naming(c, i, n);
}

void reads_python_settings(struct reading *p, const struct code *c)
{
    for (size_t i = 0; i < p->classes.n; i++) {
        const struct settings_class *s = p->classes.at[i];
        if (!s->settings || s->code != c)
            continue;
        struct naming n = {0};
        inherited_naming(p, c, s->at, &n, 0);
        add_fields(p, c, s->at, &n, n.prefix.p == NULL ? SV("") : n.prefix, 0);
    }
}
