"""progress_lines.py SCHEMA LINES: is each of the lines of --progress=json what
the schema says, with no key that it does not have, and are they in order?
Prints "TYPE PHASE" of each; of the result its outcome and exit code."""

import json
import sys

import jsonschema

PHASES = ["check", "receive", "backup", "swap"]
MONOTONE = ["n", "percent", "bytes"]


def keys_of(schema, kind):
    return set(schema["definitions"][kind]["properties"])


def check_order(before, line):
    """No phase comes back, and within one nothing falls."""
    place = PHASES.index(line["phase"])
    if before is None or PHASES.index(before["phase"]) < place:
        return
    assert PHASES.index(before["phase"]) == place, "a phase came back"
    for key in MONOTONE:
        assert (line[key] or 0) >= (before[key] or 0), f"{key} fell"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    before = None
    kinds = []
    for text in open(sys.argv[2], encoding="utf-8"):
        line = json.loads(text)
        validator.validate(line)
        kind = line["type"]
        extra = set(line) - keys_of(schema, kind)
        assert not extra, f"{kind} has {extra}, which the schema has not"
        kinds.append(kind)
        if kind == "progress":
            check_order(before, line)
            before = line
            print(kind, line["phase"])
        elif kind == "result":
            print(kind, line["outcome"], line["exit_code"])
        else:
            print(kind)
    assert kinds[0] == "start" and kinds.count("start") == 1, "the start"
    assert kinds[-1] == "result", "the result is the last line"


main()
