#!/usr/bin/env python3
"""usage: check_sarif.py FILE   What GitHub code scanning asks for beyond the SARIF schema."""
import json
import sys

doc = json.load(open(sys.argv[1], encoding="utf-8"))
wrong = []


def want(truth, what):
    if not truth:
        wrong.append(what)


want(doc["version"] == "2.1.0" and "sarif-2.1.0" in doc["$schema"], "version")
want(len(doc["runs"]) == 1, "one run")
run = doc["runs"][0]
rules = run["tool"]["driver"]["rules"]
want(rules, "rules are listed")
want(len({r["id"] for r in rules}) == len(rules), "rule ids are unique")
for r in rules:
    want(0 <= float(r["properties"]["security-severity"]) <= 10, r["id"] + ": security-severity")
    want(isinstance(r["properties"]["security-severity"], str), r["id"] + ": security-severity is a string")
    want("security" in r["properties"]["tags"] and len(r["properties"]["tags"]) <= 20, r["id"] + ": tags")
    want(r["shortDescription"]["text"] and r["help"]["text"] and r["help"]["markdown"], r["id"] + ": texts")
want(isinstance(run["invocations"][0]["executionSuccessful"], bool), "invocation")
for x in run["results"]:
    want(rules[x["ruleIndex"]]["id"] == x["ruleId"], "ruleIndex of " + x["ruleId"])
    want(x["level"] in ("error", "warning", "note"), "level")
    want(x["message"]["text"], "message")
    want(list(x["partialFingerprints"]) == ["dstackAuditFinding/v1"], "fingerprints")
    for place in x["locations"] + x.get("relatedLocations", []):
        p = place["physicalLocation"]
        uri = p["artifactLocation"]["uri"]
        want(not uri.startswith("/") and "\\" not in uri and " " not in uri, "uri " + uri)
        want(p["region"]["startLine"] >= 1 and p["region"]["startColumn"] >= 1, "region")
    for flow in x.get("codeFlows", []):
        want(len(flow["threadFlows"][0]["locations"]) >= 2, "a flow has two places")
for w in wrong:
    print(w)
sys.exit(bool(wrong))
