/* The words of the findings document for the catalogue's enumerations. */
#include <assert.h>

#include "rule/rule.h"

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};
static const char *const confidences[] = {"low", "medium", "high"};
static const char *const kinds[] = {"check", "finding", "lead", "fact", "live"};
static const char *const categories[] = {
    "config-control",  "network",   "attestation",       "red-flag", "reproducibility",
    "secrets-storage", "contracts", "compose-hardening", "evidence", "audit-evasion",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

_Static_assert(COUNT(categories) == CAT_COUNT, "every category has a name");

static bool from_name(sv name, const char *const *names, size_t n, unsigned *out)
{
    for (size_t i = 0; i < n; i++) {
        if (sv_eq(name, sv_from(names[i]))) {
            *out = (unsigned)i;
            return true;
        }
    }
    return false;
}

const char *severity_name(enum severity s)
{
    assert((size_t)s < COUNT(severities));
    return severities[s];
}

const char *confidence_name(enum confidence c)
{
    assert((size_t)c < COUNT(confidences));
    return confidences[c];
}

const char *category_name(enum category c)
{
    assert((size_t)c < COUNT(categories));
    return categories[c];
}

const char *rule_kind_name(enum rule_kind k)
{
    assert((size_t)k < COUNT(kinds));
    return kinds[k];
}

bool severity_from_name(sv name, enum severity *out)
{
    unsigned i = 0;
    bool known = from_name(name, severities, COUNT(severities), &i);
    *out = known ? (enum severity)i : *out;
    return known;
}

bool confidence_from_name(sv name, enum confidence *out)
{
    unsigned i = 0;
    bool known = from_name(name, confidences, COUNT(confidences), &i);
    *out = known ? (enum confidence)i : *out;
    return known;
}

bool category_from_name(sv name, enum category *out)
{
    unsigned i = 0;
    bool known = from_name(name, categories, COUNT(categories), &i);
    *out = known ? (enum category)i : *out;
    return known;
}

bool rule_kind_from_name(sv name, enum rule_kind *out)
{
    unsigned i = 0;
    bool known = from_name(name, kinds, COUNT(kinds), &i);
    *out = known ? (enum rule_kind)i : *out;
    return known;
}
