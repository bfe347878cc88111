"""What differs between two charters, field by field (PROTOCOL.md "Certificates", `changes`)."""

from __future__ import annotations

from typing import Any

from . import schema

NOTHING = None  # a field that says nothing; a value is ("text" | "rule" | "number" | "flag", value)


def changes(then: Any, now: Any) -> list[dict]:
    """The list of `path change then now`."""
    out: list[dict] = []
    walk(out, "", then, now, False)
    return out


def add(out: list, path: str, change: str, then: Any, now: Any) -> None:
    out.append({"path": path, "change": change, "then": then[1] if then else None, "now": now[1] if now else None})


def snake(name: str) -> str:
    """DeadlineUnit: DEADLINE_UNIT_."""
    return "".join("_" + c if c.isupper() else c.upper() for c in name)[1:] + "_"


def enum_code(enum: str, number: int) -> str:
    return schema.enum_names[enum][number][len(snake(enum)):].lower()


def value_of(message: Any, f: Any) -> Any:
    if message is None:
        return NOTHING
    value = getattr(message, f.attribute)
    if f.type == "string":
        kind = "rule" if message.message_name == "Rule" and f.name == "text" else "text"
        return (kind, value) if value else NOTHING
    if f.type == "bytes":
        return ("text", value.hex()) if value else NOTHING
    if f.type == "bool":
        return "flag", bool(value)
    if f.type in schema.enum_names:
        return ("text", enum_code(f.type, value)) if value else NOTHING
    return "number", value


def label_of(message: Any) -> Any:
    """What an element is called."""
    return "text", getattr(message, "name", None) or getattr(message, "title", None) or message.id


def walk(out: list, path: str, then: Any, now: Any, brief: bool) -> None:
    """One of them may be None: it came or went whole. brief: of that only the elements with ids and the rules."""
    if then is None and now is None:
        return
    for f in schema.classes[(now if now is not None else then).message_name].fields:
        at = f"{path}.{f.name}" if path else f.name
        if f.is_repeated:
            walk_list(out, at, f, then, now, brief)
        elif f.is_message:
            walk(out, at, getattr(then, f.attribute, None), getattr(now, f.attribute, None), brief)
        else:
            walk_value(out, at, f, then, now, brief)


def walk_value(out: list, path: str, f: Any, then: Any, now: Any, brief: bool) -> None:
    a, b = value_of(then, f), value_of(now, f)
    if brief and "rule" not in (a and a[0], b and b[0]):
        return
    if a == b or (then is None and not says(b)) or (now is None and not says(a)):
        return
    add(out, path, "added" if then is None else "removed" if now is None else "changed", a, b)


def says(value: Any) -> bool:
    return value is not NOTHING and bool(value[1])


def walk_list(out: list, path: str, f: Any, then: Any, now: Any, brief: bool) -> None:
    a = getattr(then, f.attribute) if then is not None else []
    b = getattr(now, f.attribute) if now is not None else []
    if any(field.name == "id" for field in schema.classes[f.type].fields):
        walk_named(out, path, a, b)
    elif not brief:
        walk_keyed(out, path, f.type, a, b)


def walk_named(out: list, path: str, then: list, now: list) -> None:
    """Elements with ids: what went, in the old order; then in the new order what came or changed."""
    old, new = {x.id: x for x in then}, {x.id: x for x in now}
    for x in then:
        if x.id not in new:
            add(out, f"{path}.{x.id}", "removed", label_of(x), NOTHING)
            walk(out, f"{path}.{x.id}", x, None, True)
    for x in now:
        was = old.get(x.id)
        if was is None:
            add(out, f"{path}.{x.id}", "added", NOTHING, label_of(x))
        walk(out, f"{path}.{x.id}", was, x, was is None)


def keys_of(type_name: str, items: list) -> list[str]:
    """A deadline by its kind (`papers_sent`, the second of a kind `papers_sent-2`), others by place from 1."""
    if type_name != "Deadline":
        return [str(n + 1) for n in range(len(items))]
    out: list[str] = []
    for n, item in enumerate(items):
        nth = 1 + sum(other.kind == item.kind for other in items[:n])
        code = enum_code("DeadlineKind", item.kind)
        out.append(code if nth == 1 else f"{code}-{nth}")
    return out


def walk_keyed(out: list, path: str, type_name: str, then: list, now: list) -> None:
    old, new = dict(zip(keys_of(type_name, then), then)), dict(zip(keys_of(type_name, now), now))
    for key, item in old.items():
        if key not in new:
            walk(out, f"{path}.{key}", item, None, False)
    for key, item in new.items():
        walk(out, f"{path}.{key}", old.get(key), item, False)
