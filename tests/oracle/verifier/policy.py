"""Who must cosign a head: more than num/den of the organisations, or a tree of thresholds. PROTOCOL.md "Bundle"."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    name: str
    threshold: int
    members: tuple[str, ...]  # ids of organisations, or names of groups before this one


@dataclass(frozen=True)
class Policy:
    """`organisations`: those of the charter, their ids in the order of their numbers."""

    organisations: tuple[str, ...]
    num: int = 0
    den: int = 1
    groups: tuple[Group, ...] = ()

    def tree(self) -> tuple[Group, ...]:
        """As groups, also where the charter has none; the last one says what a quorum is."""
        if self.groups:
            return self.groups
        count = len(self.organisations)
        return (Group("QUORUM", count * self.num // self.den + 1, self.organisations),)

    def counted(self) -> tuple[str, ...]:
        """The organisations that a group has for a member."""
        members = {member for group in self.tree() for member in group.members}
        return tuple(o for o in self.organisations if o in members)

    def is_satisfied(self, organisations: set[str]) -> bool:
        """By these, counted by organisation."""
        held = organisations & set(self.organisations)
        for group in self.tree():
            if sum(member in held for member in group.members) >= group.threshold:
                held = held | {group.name}
        return self.tree()[-1].name in held

    def least(self) -> int:
        """How many organisations it takes at least."""
        cost = dict.fromkeys(self.organisations, 1)
        for group in self.tree():
            cost[group.name] = sum(sorted(cost[member] for member in group.members)[:group.threshold])
        return cost[self.tree()[-1].name]

    def may_lie(self) -> int:
        """One less than the organisations that any two quorums share at least."""
        shared = dict.fromkeys(self.organisations, 1)
        for group in self.tree():
            both = max(0, 2 * group.threshold - len(group.members))
            shared[group.name] = sum(sorted(shared[member] for member in group.members)[:both])
        return shared[self.tree()[-1].name] - 1
