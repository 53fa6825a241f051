/* What is done well: what the files show, with the place, and what was looked for and not found, with how
 * much was examined. Nothing is praised that nobody looked at. */
#include "report/markdown.h"

enum { PLACES = 8 };

/* One line for all subjects of a kind. */
struct praise {
    const struct result *r;
    struct buf *out;
    const char *text;
    size_t n;
};

/* Nothing is done well where something was found. */
static bool is_blamed(const struct result *r, struct place p)
{
    for (size_t i = 0; i < r->verdicts->findings.n; i++) {
        const struct finding *f = r->verdicts->findings.at[i];
        if (f->place.src == p.src && place_line(f->place) == place_line(p))
            return true;
    }
    return false;
}

static void praise(struct praise *p, sv subject, struct place place)
{
    if (is_blamed(p->r, place))
        return;
    if (p->n++ == 0)
        buf_printf(p->out, "- %s: ", p->text);
    else if (p->n <= PLACES)
        buf_puts(p->out, ", ");
    if (p->n > PLACES)
        return;
    if (subject.n != 0) {
        md_code(p->out, text_clean(p->r->arena, sv_from(shown_about(p->r, place, subject))).p);
        buf_puts(p->out, " at ");
    }
    md_spot(p->out, p->r, place);
}

static size_t praise_end(const struct praise *p)
{
    if (p->n > PLACES)
        buf_printf(p->out, " and %zu more", p->n - PLACES);
    if (p->n != 0)
        buf_putc(p->out, '\n');
    return p->n;
}

static bool is_live(const struct deployment *d)
{
    return d != NULL && d->deployed;
}

static size_t praise_images(const struct result *r, enum image_origin origin, const char *text, struct buf *out)
{
    struct praise p = {.r = r, .out = out, .text = text};
    for (size_t i = 0; i < r->facts->images.n; i++) {
        const struct image_ref *image = r->facts->images.at[i];
        bool counts = origin == IMAGE_COMPOSE ? is_live(image->deployment) : !place_is_aside(image->place);
        if (image->origin == origin && image->pinned && counts)
            praise(&p, image->name, image->place);
    }
    return praise_end(&p);
}

/* What would be the operator's choice as a variable, and is measured as a literal. */
static size_t praise_literals(const struct result *r, struct buf *out)
{
    struct praise p = {.r = r, .out = out, .text = "Written into the measured compose, so that only a new compose hash changes it"};
    for (size_t i = 0; i < r->facts->env_sets.n; i++) {
        const struct env_set *e = r->facts->env_sets.at[i];
        if (e->state != ENV_LITERAL || e->value.n == 0 || e->service == NULL || !is_live(e->service->deployment))
            continue;
        enum input_kind kind = kind_of(e->name, e->value);
        if (kind == KIND_ENDPOINT || kind == KIND_MODEL || kind == KIND_STORAGE || kind == KIND_REFERENCE || kind == KIND_LOG_LEVEL)
            praise(&p, e->name, e->place);
    }
    return praise_end(&p);
}

static size_t praise_closed(const struct result *r, struct buf *out)
{
    struct praise p = {.r = r, .out = out, .text = "allowed_envs is empty: no variable comes from outside"};
    for (size_t i = 0; i < r->facts->deployments.n; i++) {
        const struct deployment *d = r->facts->deployments.at[i];
        if (d->deployed && d->app != NULL && d->app->allowed_envs_known && d->app->allowed_envs.n == 0)
            praise(&p, SV_NONE, d->app->root->place);
    }
    return praise_end(&p);
}

/* A row of the rules of one category that examined something and found nothing; 0 where there is none. */
static size_t put_quiet(const struct result *r, enum category category, bool first, struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < r->verdicts->checks.n; i++) {
        const struct check_result *c = r->verdicts->checks.at[i];
        if (c->outcome != OUTCOME_PASS || c->rule->category != category)
            continue;
        if (n == 0 && first)
            buf_puts(out, "\nLooked for and not found, behind each rule the number of subjects it examined:\n\n"
                          "| Area | Rules |\n|---|---|\n");
        if (n == 0)
            buf_printf(out, "| %s | ", category_title(category));
        buf_printf(out, "%s`%.*s` %zu", n++ == 0 ? "" : ", ", SV_ARG(c->rule->id), c->examined);
    }
    buf_puts(out, n == 0 ? "" : " |\n");
    return n;
}

void md_done_well(const struct result *r, struct buf *out)
{
    size_t seen = praise_images(r, IMAGE_COMPOSE, "Deployed image pinned by digest", out), quiet = 0;
    seen += praise_images(r, IMAGE_DOCKERFILE, "Base image pinned by digest", out);
    seen += praise_literals(r, out);
    seen += praise_closed(r, out);
    if (seen == 0)
        buf_puts(out, "Nothing that the files show by themselves.\n");
    for (int category = 0; category < CAT_COUNT; category++)
        quiet += put_quiet(r, (enum category)category, quiet == 0, out);
    if (quiet == 0)
        buf_puts(out, "\nNo check passed with anything examined.\n");
}
