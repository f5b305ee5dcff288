"""Google's discovery documents as a judge of requests and answers."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

Json = dict[str, Any]


class Api:
    """One discovery document. Unknown fields count as faults: neither side may invent any."""

    def __init__(self, path: Path) -> None:
        self.document: Json = json.loads(path.read_text())
        self.methods: list[Json] = []
        self._collect(self.document)

    def method(self, verb: str, path: str) -> tuple[Json, dict[str, str]] | None:
        """The method that `verb path` calls, and its path parameters; plain path segments win over parameters."""
        found = []
        for method in self.methods:
            full = "/" + self.document["servicePath"] + method["path"]
            pattern = re.sub(r"\\\{\+?(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(full))
            if method["httpMethod"] == verb and (match := re.fullmatch(pattern, path)):
                found.append((len(match.groupdict()), method, match.groupdict()))
        return min(found, key=lambda one: one[0])[1:] if found else None

    def request_faults(self, verb: str, path: str, query: dict[str, list[str]], body: Any) -> list[str]:
        """Why Google would not take this request; empty where it would."""
        found = self.method(verb, path)
        if found is None:
            return [f"no such method: {verb} {path}"]
        method, in_path = found
        known = self.document.get("parameters", {}) | method.get("parameters", {})
        faults = [f"unknown parameter {name}" for name in query if name not in known]
        given = {name: values for name, values in query.items() if name in known}
        for name, rule in method.get("parameters", {}).items():
            if rule.get("required") and name not in given and name not in in_path:
                faults.append(f"missing parameter {name}")
        for name, values in given.items():
            if len(values) > 1 and not known[name].get("repeated"):
                faults.append(f"{name} is given {len(values)} times")
            faults += [f"{name}={value}: {why}" for value in values if (why := _misfit(value, known[name]))]
        if "request" in method:
            faults += self.faults(body or {}, method["request"]["$ref"])
        elif body is not None:
            faults.append("a body where none is taken")
        return faults

    def answer_faults(self, verb: str, path: str, body: bytes) -> list[str]:
        found = self.method(verb, path)
        if found is None:
            return [f"no such method: {verb} {path}"]
        if "response" not in found[0]:
            return ["an answer where none is given"] if body else []
        return self.faults(json.loads(body), found[0]["response"]["$ref"])

    def faults(self, value: Any, schema: str) -> list[str]:
        return [f"{error.json_path}: {error.message[:200]}" for error in self._validator(schema).iter_errors(value)]

    @lru_cache(maxsize=64)  # noqa: B019  # two documents for the length of a test run
    def _validator(self, schema: str) -> Draft202012Validator:
        definitions = {name: _schema(body) for name, body in self.document["schemas"].items()}
        return Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": definitions})

    def _collect(self, node: Json) -> None:
        self.methods += node.get("methods", {}).values()
        for resource in node.get("resources", {}).values():
            self._collect(resource)


def _schema(rule: Json) -> Json:
    """A discovery schema as JSON Schema: numbers that travel as strings, enums, no unknown properties."""
    if "$ref" in rule:
        return {"$ref": f"#/$defs/{rule['$ref']}"}
    kind, form = rule.get("type"), rule.get("format")
    if kind == "any":
        return {}
    made: Json = {"type": kind}
    if kind == "object":
        made["properties"] = {name: _schema(inner) for name, inner in rule.get("properties", {}).items()}
        more = rule.get("additionalProperties")
        made["additionalProperties"] = _schema(more) if isinstance(more, dict) else False
    if kind == "array":
        made["items"] = _schema(rule["items"])
    if "enum" in rule:
        made["enum"] = rule["enum"]
    if kind == "string" and form in ("int64", "uint64"):
        made["pattern"] = r"^-?\d+$"
    if kind == "string" and form == "byte":
        made["pattern"] = r"^[A-Za-z0-9_\-]*={0,2}$"
    if kind == "string" and form == "date":
        made["pattern"] = r"^\d{4}-\d\d-\d\d$"
    if kind == "string" and form == "date-time":
        made["pattern"] = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
    return made


def _misfit(value: str, rule: Json) -> str:
    if "enum" in rule and value not in rule["enum"]:
        return f"not one of {rule['enum']}"
    kind, form = rule.get("type"), rule.get("format")
    if kind == "integer" or form in ("uint64", "int64"):
        if not re.fullmatch(r"-?\d+", value):
            return "not a whole number"
        if "minimum" in rule and int(value) < int(rule["minimum"]):
            return f"below {rule['minimum']}"
        if "maximum" in rule and int(value) > int(rule["maximum"]):
            return f"above {rule['maximum']}"
    if kind == "boolean" and value not in ("true", "false"):
        return "not a boolean"
    if form == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value):
        return "not a date-time"
    return ""
