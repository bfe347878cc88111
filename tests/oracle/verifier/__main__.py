"""verify BUNDLE [--json], verify decision FILE --policy POLICY: exit 0 when all holds, 3 with the place of the first
fault, 1 when it can't be read, 2 for another command line."""

import json
import sys
from pathlib import Path
from typing import Any

from . import audit, decision
from .refused import Refused


def causes(failure: BaseException | None) -> Refused | None:
    """What is inside: of a leaf, why the fold refused it."""
    cause = failure.__cause__ if failure is not None else None
    return cause if isinstance(cause, Refused) else None


def failure_json(refused: Refused | None) -> Any:
    if refused is None:
        return None
    args = [d.hex() if isinstance(d, bytes) else str(d) for d in refused.details]
    return {"code": f"SB_E_{refused.name}", "args": args, "message": str(refused)}


def summary(v: audit.Verdict) -> dict[str, Any]:
    """The members of samband-audit --json (PROTOCOL.md "Bundle", Summary)."""
    facts, charter = v.facts, v.founded.charter if v.founded else None
    return {
        "federation": v.founded.federation_id.hex() if v.founded else None,
        "origin": facts.context.origin if facts.context else None,
        "rehearsal": bool(charter and charter.rehearsal),
        "size": facts.size, "root": facts.root.hex(), "digest": facts.digest.hex(),
        "final": v.is_all_final,
        "final_size": facts.final[0] if facts.final else 0,
        "final_root": facts.final[1].hex() if facts.final else None,
        "confirmed": v.confirmed, "needed": v.needed, "organisations": v.organisations,
        "cases": facts.cases,
        "blobs_named": v.blobs_named, "blobs_held": v.blobs_held,
        "erased": [{"sha256": sha.hex(), "index": index} for sha, index in facts.erased],
        "earlier_checkpoints": len(facts.sealed),
        "terms": facts.terms,
        "verdict": f"SB_E_{v.failure.name}" if v.failure else "ok",
        "failure": failure_json(v.failure),
        "cause": failure_json(causes(v.failure)),
    }


def words(v: audit.Verdict) -> str:
    if v.failure is not None:
        cause = causes(v.failure)
        return f"NOT OK: {v.failure}" + (f": {cause}" if cause else "")
    head = v.facts.final[0] if v.facts.final else 0
    final = f"all of it final (head {head})" if v.is_all_final else f"final up to {head}"
    return (f"OK: {v.facts.size} leaves, root {v.facts.root.hex()}, digest {v.facts.digest.hex()}, {final}, "
            f"{v.confirmed} of {v.organisations} organisations, {len(v.facts.cases)} cases")


def judge_decision(proof: str, policy: str) -> int:
    try:
        proven = decision.verify(Path(proof).read_bytes(), decision.parse_policy(Path(policy).read_bytes()))
    except Refused as refused:
        print(f"NOT OK: {refused}")
        return 3
    print(json.dumps(proven, ensure_ascii=False, separators=(",", ":")))
    return 0


def main(arguments: list[str]) -> int:
    paths = [a for a in arguments if a != "--json"]
    try:
        if len(paths) == 4 and paths[0] == "decision" and paths[2] == "--policy":
            return judge_decision(paths[1], paths[3])
        if len(paths) == 1 and not paths[0].startswith("-"):
            return verify_bundle(paths[0], "--json" in arguments)
    except OSError as error:
        print(f"verify: {error}", file=sys.stderr)
        return 1
    print("verify BUNDLE [--json]\nverify decision FILE --policy POLICY", file=sys.stderr)
    return 2


def verify_bundle(path: str, as_json: bool) -> int:
    verdict = audit.verify(path)
    if as_json:
        print(json.dumps(summary(verdict), ensure_ascii=False, separators=(",", ":")))
    else:
        print(words(verdict))
    if verdict.failure is None:
        return 0
    return 1 if verdict.failure.name == "AUDIT_NOT_A_BUNDLE" else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
