#!/usr/bin/env python3
"""usage: validate.py SCHEMA DOCUMENT...   Exit 0 valid, 1 invalid (reasons printed), 77 no jsonschema here."""
import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)


def once(pairs):
    names = [k for k, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("duplicate key in %s" % names)
    return dict(pairs)


schema = json.load(open(sys.argv[1], encoding="utf-8"))
cls = jsonschema.validators.validator_for(schema)
cls.check_schema(schema)
validator = cls(schema)
bad = False
for name in sys.argv[2:]:
    document = json.loads(open(name, "rb").read().decode("utf-8", "strict"), object_pairs_hook=once)
    for error in list(validator.iter_errors(document))[:10]:
        print("%s: %s: %s" % (name, "/".join(map(str, error.absolute_path)), error.message[:200]))
        bad = True
sys.exit(bad)
