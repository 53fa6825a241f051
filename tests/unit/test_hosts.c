#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fact/fact.h"

#define ID "0123456789abcdef0123456789abcdef01234567"

static void the_name_says_what_a_host_is_for(void **state)
{
    (void)state;
    static const struct { const char *host, *purpose; } cases[] = {
        {"api.openai.com", "model"},      {"x.api.openai.com", "model"}, {"notapi.openai.com.evil.net", NULL},
        {"abc.supabase.co", "database"},  {"notsupabase.co", NULL},      {"API.Telegram.org", "messenger"},
        {"api.github.com", "source"},     {"raw.githubusercontent.com", "source"},
        {ID "-8080.dstack-prod5.phala.network", "dstack app"},           {"unknown.dev", NULL},
        {ID ".gateway.acme.dev", "dstack app"}, {ID, NULL},           {ID "ab.gateway.acme.dev", NULL}, {"0123-8080.gateway.acme.dev", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *purpose = host_purpose(sv_from(cases[i].host));
        if (purpose != cases[i].purpose && (purpose == NULL || cases[i].purpose == NULL || strcmp(purpose, cases[i].purpose) != 0))
            fail_msg("%s is for %s", cases[i].host, purpose == NULL ? "nothing" : purpose);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_says_what_a_host_is_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
