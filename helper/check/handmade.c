/* Verifiers that check a quote's signature themselves: what a library would have looked at besides. */
#include "check/code.h"

const struct block *handmade_verifier(struct check_run *c, const struct program *p)
{
    static const char *const curves[] = {"ecdsa", "p256", "p-256", "secp256r1", "prime256v1", "createverify", "subtle.verify", NULL};
    static const char *const body[] = {"report_data", "reportdata", "mrtd", "mr_td", "rtmr", "rt_mr", NULL};
    static const char *const libraries[] = {"dcap_qvl", "dcap-qvl", "dcapqvl", "go-tdx-guest", "sgx_ql", "sgx-dcap", "tdx_verify", "dstack-verifier", "dstack_verifier", "attestations/verify", "trustauthority", "azure-attest", NULL};
    static const char *const quotes[] = {"quote", NULL};
    if (p->lang == LANG_SHELL || !source_says(p->src, curves) || !source_says(p->src, body))
        return NULL;
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *f = p->blocks.at[i];
        if (f->kind == BLOCK_FUNCTION && is_evidence_verifier(c, p, f->name) && says_any(p, f->head, f->body_end, quotes) && !place_is_aside(program_place(p, f->head, f->head_end)))
            return says_somewhere(c, p, libraries) ? NULL : f;
    }
    return NULL;
}

/* ---- debug-mode-accepted -------------------------------------------------------------------------------- */

/* quote[168], slice(120, 128): where the attributes of a TD stand, in the quote and in its body. */
static bool reads_attributes(const struct program *p, size_t from, size_t to, const char *const *words)
{
    if (code_says(p, words))
        return true;
    for (size_t i = from; i < to && i < p->n; i++)
        if (p->at[i].kind == TOKEN_NUMBER && SV_IN(program_token(p, i), SV("168"), SV("0xa8"), SV("0xA8"), SV("120"), SV("0x78")))
            return true;
    return false;
}

static void look_for_debug_mode(struct check_run *c, const struct program *p)
{
    static const char *const attributes[] = {"attributes", "td_attr", "tdattr", NULL};
    const struct block *f = handmade_verifier(c, p);
    if (f == NULL)
        return;
    c->examined++;
    if (!reads_attributes(p, 0, p->n, attributes) && !related_holds(c, p, attributes, reads_attributes))
        report(c, program_place(p, f->head, f->head_end), f->name,
               "%.*s verifies a quote by itself and never looks at the TD's attributes: a TD in debug mode, whose memory the host reads, passes with the same measurements.", SV_ARG(f->name));
}

void check_debug_mode(struct check_run *c) { each_program(c, attest_words, look_for_debug_mode); }
