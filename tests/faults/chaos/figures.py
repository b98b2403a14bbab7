"""What a chaos run counts, and how it tells it."""

from collections import Counter
from dataclasses import dataclass, field

from tests.harness.history import Finding, Rule

GAPS = {Rule.GAP, Rule.LOG_GAP, Rule.BEHIND, Rule.LOST_ENTRY}
DOUBLES = {Rule.OP_TWICE, Rule.TWICE}


@dataclass
class Figures:
    """`troubles` by what was done; `mistakes` are failures that no rule of a history names."""

    seconds: float = 0.0
    rounds: int = 0
    acked: int = 0
    entries_heard: int = 0
    connections: int = 0
    unavailable: int = 0
    rights_lost: int = 0
    written_beside: int = 0
    longest_without_an_ack_s: float = 0.0
    troubles: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.findings and not self.mistakes

    def count(self, rules: set[Rule]) -> int:
        return sum(finding.rule in rules for finding in self.findings)

    def summary(self) -> str:
        lost, doubled, gaps = self.count({Rule.ACK_LOST}), self.count(DOUBLES), self.count(GAPS)
        others = len(self.findings) - lost - doubled - gaps + len(self.mistakes)
        troubles = ", ".join(f"{count} × {name}" for name, count in sorted(self.troubles.items()))
        lines = (
            f"{self.rounds} libraries, {self.seconds:.0f} s of trouble: {troubles}",
            f"{self.acked} changes acknowledged, {self.entries_heard} entries heard on {self.connections} connections",
            f"{self.unavailable} × told that it cannot be stored now, {self.rights_lost} × a right lost, "
            f"{self.written_beside} changes by another process, "
            f"at most {self.longest_without_an_ack_s:.1f} s between two acknowledgements",
            f"lost {lost}, doubled {doubled}, gaps {gaps}, other findings {others}",
        )
        return "\n".join(lines)
