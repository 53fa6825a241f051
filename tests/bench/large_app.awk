# The code of a large application, made up: awk -v folder=DIR -v files=500 -f large_app.awk
# Python, TypeScript, Rust and Go. What counts for the time is as in public apps of this kind, counted in November 2026 with
# the helper's own readers. In nine apps and the Python library 1,000 lines have 31,000 to 39,000 bytes, of them 1,300 to
# 7,900 of indentation, 3,800 to 6,300 tokens: 1,500 to 2,300 words, 60 to 390 strings of 22 to 68 bytes, 1,500 to 3,400
# signs; and 0 to 106 comments, 140 to 450 calls, 95 to 175 assignments, 2 to 32 of them to a field, 86 to 200 blocks, of
# which 30 to 62 are functions. Here: 36,000; 5,700; 5,900: 2,200, 220 of 27, 2,700; and 75, 360, 125, 7, 126, 28.
# In five of the apps 15 of 1,000 lines name attestation, 15 compare, 6 log, 3 read a variable, 3 call another service,
# 1 is a route; attestation and logs are spread over a third of the files, the others over a sixth. A file has 10 to 20 KB.
# An app has some 6,000 words, of which a file says 130 to 200; the 500 most frequent ones are five of six that are said.
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
    if (k < 210)
        line(indent (lang == "py" ? "# " : "// ") "the " word() " of a " word() " is " word() " before the " word() " " word())
    else if (k < 260)
        line(indent (logs ? log_call(v) : v "." name() "(" o ")") end)
    else if (k < 300)
        line(indent (reads ? env_read() : assign(o) name() "(" v ")") end)
    else if (k < 340)
        line(indent (asks ? request(v, o) : assign(o) v "." name() "(" quoted(2) ")") end)
    else if (k < 440)
        line(indent assign(o) (attests ? "attestation.verify_" word() : "store." name()) "(" v ")" end)
    else if (k < 470)
        line(indent test(v " == " o "." name()) "\n" indent "    " o "." name() "(" v ", " quoted(4) ")" end closing(indent))
    else if (k < 490)
        line(indent test(v "." name() "(" o ")") "\n" indent "    return " answer(o "." name() "()") end closing(indent))
    else if (k < 600)
        line(indent v "." name() "(" open_record() "\n" fields(indent "    ", v, o, 3 + random(4)) indent close_record() ")" end)
    else if (k < 700)
        line(indent assign(o) v "." name() "(" quoted(4) ").\n" indent "    " name() "(" o "." word() ")" end)
    else if (k < 740)
        line(indent choice(indent, v, o))
    else if (k < 760)
        line(indent each(v "." name() "()") "\n" indent "    " o "." name() "(" v "[" random(9) "])" end closing(indent))
    else if (k < 780)
        line(indent o "." name() " = " v "." name() end)
    else if (k < 860)
        line(indent v "." name() "(" o ", " quoted(4) ")" end)
    else if (k < 960)
        line("")
    else
        line(indent assign(o) v "." word() "[" random(9) "] + " random(1000) end)
}
function quoted(n,    s) {
    for (s = word(); n > 1; n--)
        s = s " " word()
    return "\"" s "\""
}
function answer(value) { return lang == "rs" ? "Ok(" value ")" : value }
function open_record() { return lang == "py" ? "" : lang == "rs" || lang == "go" ? camel(word()) " {" : "{" }
function close_record() { return lang == "py" ? "" : "}" }
function fields(indent, v, o, n,    s) {
    for (s = ""; n > 0; n--)
        s = s indent word() (lang == "py" ? "=" : ": ") (random(2) == 0 ? quoted(5) : random(3) > 0 ? v "." word() : word() "(" o "." word() ")") ",\n"
    return s
}
function choice(indent, v, o,    s, k) { # of several values
    s = lang == "py" ? "" : lang == "rs" ? "match " v "." name() " {\n" : lang == "go" ? "switch " v "." name() " {\n" : "switch (" v "." name() ") {\n"
    for (k = 0; k < 3; k++)
        if (lang == "py")
            s = s (k == 0 ? "if " : indent "elif ") v "." word() " == " quoted(1) ":\n" indent "    " o "." name() "(" v ")" (k < 2 ? "\n" : "")
        else if (lang == "rs")
            s = s indent "    " camel(word()) "::" camel(word()) " => " o "." name() "(" v "),\n"
        else
            s = s indent "    case " quoted(1) ":\n" indent "        " o "." name() "(" v ")\n"
    return s (lang == "py" ? "" : indent "}")
}
function each(what) {
    if (lang == "py") return "for item in " what ":"
    if (lang == "go") return "for _, item := range " what " {"
    if (lang == "rs") return "for item in " what " {"
    return "for (const item of " what ") {"
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
function type(    k) {
    line(lang == "py" ? "class " camel(word()) "(BaseModel):" : lang == "rs" ? "pub struct " camel(word()) " {" : lang == "go" ? "type " camel(word()) " struct {" : "export interface " camel(word()) " {")
    for (k = random(5); k < 8; k++)
        line("    " word() (lang == "go" ? " " : ": ") (lang == "py" ? "str" : lang == "rs" ? camel(word()) : "string") (lang == "rs" ? "," : lang == "ts" ? ";" : ""))
    line(lang == "py" ? "" : "}\n")
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
        for (f = 0; f < 13; f++) {
            if (f % 3 == 0)
                type()
            a = word()
            b = word()
            fn = name()
            if (serves && random(3) == 0)
                line(route(fn))
            line(open_function(fn, a, b))
            for (s = 0; s < 4; s++)
                statement("    ", a, b)
            line("    " test(a "." name()))
            for (s = 0; s < 5; s++)
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
