#!/usr/bin/env python3
"""Write the expected rows of ../playbook and ../account.

usage: python3 tests/sql/expected/write.py

Regenerates the expected rows with the standard library alone: a query's label names the function that
answers its question by reading the logs, not the SQL.
"""
import pathlib
import re

import account
import trail
from logs import read, text

QUERIES = pathlib.Path(__file__).parents[1]


def rewrite(path, answers, records):
    """Puts each labelled query's rows behind its dashes."""
    blocks = []
    for block in path.read_text().rstrip("\n").split("\n\n"):
        query = re.search(r"^query T+ nosort (\w+)$", block, re.MULTILINE)
        if query:
            rows = getattr(answers, query[1])(records)
            lines = ["\t".join(map(text, row)) for row in rows]
            block = "\n".join([block.split("\n----")[0], "----", *lines])
        blocks.append(block)
    path.write_text("\n\n".join(blocks) + "\n")


if __name__ == "__main__":
    for folder, answers, logs in (("playbook", trail, "trail"), ("account", account, "account")):
        records = read(logs)
        for path in sorted((QUERIES / folder).glob("*.slt")):
            rewrite(path, answers, records)
