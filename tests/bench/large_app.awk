# The code of a large application, made up: awk -v folder=DIR -v files=500 -f large_app.awk
# Python, TypeScript, Rust and Go. What counts for the time is as in five public apps of this kind, counted in
# November 2026: 10-20 KB a file, 36 bytes a line of which 6 are indentation, 7 bytes a token; of 1,000 lines about
# 100 are comments, 30 begin a function, 15 name attestation, 15 compare, 6 log, 3 read a variable, 3 call another
# service, 1 is a route; attestation and logs are spread over a third of the files, the others over a sixth. An app has
# some 6,000 words, of which a file says 130 to 200; the 500 most frequent ones are five of six that are said.
function random(n) { seed = seed * 16807 % 2147483647; return seed % n } # exact in the doubles of every awk
function word() { return random(6) == 0 ? rare[random(70) + 1] : common[random(70) + 1] }
function made_up(k,    s) {
    for (s = ""; length(s) < 6 + k % 4; k = int(k * 7 / 4) + 31)
        s = s substr("bdfghklmnprstvz", k % 15 + 1, 1) substr("aeiou", int(k / 15) % 5 + 1, 1)
    return s
}
function choose_words(    i) { # of one file
    for (i = 1; i <= 70; i++) {
        common[i] = words[random(n_words) + 1]
        rare[i] = made_up(random(6000))
    }
}
function name() { return word() "_" word() }
function camel(s,    parts, n, i, out) {
    n = split(s, parts, "_")
    out = parts[1]
    for (i = 2; i <= n; i++)
        out = out toupper(substr(parts[i], 1, 1)) substr(parts[i], 2)
    return out
}
function line(s) { print s > path }

# One statement of a body. `v` is a variable that holds something, `o` another.
function statement(indent, v, o,    k, end) {
    k = random(1000)
    end = lang == "py" || lang == "go" ? "" : ";"
    if (k < 170)
        line(indent (lang == "py" ? "# " : "// ") "the " word() " of a " word() " is " word() " before the " word() " " word())
    else if (k < 200)
        line(indent (logs ? log_call(v) : assign(o) name() "(" v ")") end)
    else if (k < 232)
        line(indent (reads ? env_read() : assign(o) name() "(" v ")") end)
    else if (k < 264)
        line(indent (asks ? request(v, o) : assign(o) name() "(" v ")") end)
    else if (k < 345)
        line(indent assign(o) (attests ? "attestation.verify_" word() : "store." name()) "(" v ")" end)
    else if (k < 370)
        line(indent test(v " == " o "." name()) "\n" indent "    " o "." name() "(" v ")" end closing(indent))
    else if (k < 410)
        line(indent test(v "." name() "(" o ")") "\n" indent "    " assign(o) name() "(" v ")" end closing(indent))
    else if (k < 480)
        line(indent assign(o) v "." name() "(\n" indent "    " o "." name() ",\n" indent "    \"" word() " " word() " " word() "\",\n" indent ")" end)
    else if (k < 620)
        line(indent assign(o) name() "(" v ")" end)
    else if (k < 750)
        line(indent o "." name() " = " v "." name() end)
    else if (k < 900)
        line(indent v "." name() "(" o ")" end)
    else
        line(indent assign(o) v "." name() "[" random(9) "] + " random(1000) end)
}
function test(what) { return lang == "py" ? "if " what ":" : "if (" what ") {" }
function closing(indent) { return lang == "py" ? "" : "\n" indent "}" }
function assign(o) {
    if (lang == "py") return o " = "
    if (lang == "go") return o " := "
    return (lang == "rs" ? "let " : "const ") o " = "
}
function log_call(v) {
    if (lang == "py") return "logger.info(\"" word() " " word() ": %s\", " v ".id)"
    if (lang == "go") return "log.Printf(\"" word() " %v\", " v ".ID)"
    if (lang == "rs") return "tracing::info!(id = %" v ".id, \"" word() " " word() "\")"
    return "logger.info(`" word() " ${" v ".id}`)"
}
function env_read(    o, n) {
    o = name()
    n = toupper(o)
    if (lang == "py") return o " = os.environ.get(\"" n "\", \"" word() "\")"
    if (lang == "go") return o " := os.Getenv(\"" n "\")"
    if (lang == "rs") return "let " o " = std::env::var(\"" n "\").unwrap_or_default()"
    return "const " o " = process.env." n
}
function request(v, o) {
    if (lang == "py") return o " = httpx.post(\"https://api.example.org/" word() "\", json=" v ")"
    if (lang == "go") return o ", err := http.Get(\"https://api.example.org/" word() "\")"
    if (lang == "rs") return "let " o " = client.get(\"https://api.example.org/" word() "\").send().await?"
    return "const " o " = await fetch(\"https://api.example.org/" word() "\")"
}
function open_function(f, a, b) {
    if (lang == "py") return "def " f "(" a ", " b "=None):"
    if (lang == "go") return "func " camel(f) "(" camel(a) " *" word() "." camel(word()) ", " camel(b) " string) error {"
    if (lang == "rs") return "pub async fn " f "(" a ": &" camel(word()) ", " b ": &str) -> Result<" camel(word()) ", Error> {"
    return "export async function " camel(f) "(" camel(a) ": " camel(word()) ", " camel(b) ": string): Promise<" camel(word()) "> {"
}
function route(f) {
    if (lang == "py") return "@router.get(\"/" word() "/" f "\")"
    if (lang == "go") return "// GET /" word() "/" f
    if (lang == "rs") return "#[instrument(skip_all)]"
    return "router.get('/" word() "/" f "', authenticate, " camel(f) ");"
}
function imports() {
    if (lang == "py")
        line((reads ? "import os\n" : "") (logs ? "import logging\n" : "") (asks ? "import httpx\n" : "") "from " word() " import store\n" (logs ? "\nlogger = logging.getLogger(__name__)\n" : ""))
    if (lang == "go")
        line("package " word() "\n\nimport (\n\t\"example.org/" word() "/store\"\n" (logs ? "\t\"log\"\n" : "") (asks ? "\t\"net/http\"\n" : "") (reads ? "\t\"os\"\n" : "") ")\n")
    if (lang == "rs")
        line("use crate::" word() "::" camel(word()) ";\nuse anyhow::Result;\n")
    if (lang == "ts")
        line((logs ? "import { logger } from './logger';\n" : "") (serves ? "import { router } from './" word() "';\n" : "") "import { store } from './" word() "';\n")
}
BEGIN {
    seed = 20240501
    n_words = split("account address amount archive balance batch block body bucket buffer cache chain change channel chunk " \
                    "client column commit config context count cursor data delivery detail device digest document domain draft " \
                    "entry event export field filter folder frame group handle header history index input invoice item job key " \
                    "label layer ledger limit link list lock market member memory message method metric model module network note " \
                    "object offer option order output owner packet page parent part payload payment peer period plan point policy " \
                    "pool price profile project proof query queue range rate record region request result role round row rule " \
                    "sample schema scope section segment sender series session shape share signal slot source stage state status " \
                    "step storage store stream table tag target task team template ticket token topic total trace track transfer " \
                    "tree trigger unit update upload user value vector version view volume vote wallet window worker " \
                    "api auth default error error hash http port test url", words, " ")
    n_langs = split("py ts rs py rs go ts", langs, " ")
    for (i = 0; i < files; i++) {
        lang = langs[i % n_langs + 1]
        choose_words()
        path = folder "/" name() "_" i "." lang
        logs = random(3) == 0
        attests = random(3) == 0
        reads = random(6) == 0
        asks = random(6) == 0
        serves = random(6) == 0
        imports()
        for (f = 0; f < 14; f++) {
            a = word()
            b = word()
            fn = name()
            if (serves && random(3) == 0)
                line(route(fn))
            line(open_function(fn, a, b))
            for (s = 0; s < 6; s++)
                statement("    ", a, b)
            line("    " test(a "." name()))
            for (s = 0; s < 10; s++)
                statement("        ", a, b)
            line(lang == "py" ? "" : "    }")
            for (s = 0; s < 4; s++)
                statement("    ", b, a)
            line(lang == "rs" ? "    Ok(" b ".into())" : lang == "go" ? "    return nil" : "    return " b)
            line(lang == "py" ? "" : "}\n")
        }
        close(path)
    }
}
