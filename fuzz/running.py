"""One worker process: its start, its progress from libFuzzer's output, and its result."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fuzz.targets import TARGETS

SLOWEST: Final = 5
"""Maximum seconds for one input; more is a finding."""
MEMORY: Final = 512
"""Maximum MiB for a worker; more is a finding."""
ROOT: Final = Path(__file__).resolve().parent.parent

_PULSE: Final = re.compile(r"^#(\d+)\s+\w+.*?\bcov: (\d+) ft: (\d+) corp: (\d+)/")
_DONE: Final = re.compile(r"^(?:Done (\d+) runs in|stat::number_of_executed_units:\s+(\d+))")
_PEAK: Final = re.compile(r"^stat::peak_rss_mb:\s+(\d+)")
_SLOW: Final = re.compile(r"^stat::slowest_unit_time_sec:\s+(\d+)")
_NOISE: Final = ("INFO:", "WARNING: Failed to find function", "0x", "\\", "Base64:", "artifact_prefix", "stat::", "MS:")
_LAST_LINES: Final = 40
_LONGEST_LINE: Final = 200


@dataclass(slots=True)
class Result:
    """Progress of a target."""

    target: str
    executions: int = 0
    coverage: int = 0
    """libFuzzer's count of edges that were reached."""
    features: int = 0
    corpus: int = 0
    """Inputs that increased the coverage."""
    peak: int = 0
    """MiB of memory."""
    slowest: int = 0
    """Seconds of the slowest input, rounded down."""
    findings: tuple[Path, ...] = ()
    failure: str = ""
    """Reason why the worker ended without fuzzing; "" if it did not."""
    last: list[str] = field(default_factory=list)
    """Last lines of output: the traceback of a finding."""

    @property
    def good(self) -> bool:
        """True if the run was complete and found nothing."""
        return not self.findings and not self.failure

    def hear(self, line: str) -> None:
        """Parse one line of libFuzzer's output."""
        if pulse := _PULSE.match(line):
            self.executions, self.coverage, self.features, self.corpus = map(int, pulse.groups())
        elif done := _DONE.match(line):
            self.executions = int(done[1] or done[2])
        elif peak := _PEAK.match(line):
            self.peak = int(peak[1])
        elif slow := _SLOW.match(line):
            self.slowest = int(slow[1])
        elif line.strip() and not line.startswith(_NOISE):
            self.last = [*self.last, line.rstrip()[:_LONGEST_LINE]][-_LAST_LINES:]


def _escaped(word: str) -> str:
    """Return a text in the format of libFuzzer's dictionaries."""
    return "".join(char if char.isalnum() and char.isascii() else f"\\x{ord(char):02X}" for char in word)


class Running:
    """A worker that fuzzes one target for a number of seconds."""

    def __init__(self, name: str, seconds: int, scratch: Path, inputs: Path) -> None:
        """`scratch` is empty and for this run alone; `inputs` may hold those of earlier runs and keeps the new ones."""
        self.result = Result(name)
        self._artifacts = scratch / f"{name}-artifacts"
        corpus = inputs / name
        corpus.mkdir(parents=True, exist_ok=True)
        self._artifacts.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(dict.fromkeys(TARGETS[name].seeds())):
            (corpus / f"seed-{number:04d}").write_bytes(data)
        words = scratch / f"{name}-words"
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in TARGETS[name].words), encoding="ascii")
        # Own session: Ctrl-C reaches only the parent, which ends its workers in order.
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "fuzz.worker", name, str(corpus)),
                f"-max_total_time={seconds}",
                f"-max_len={TARGETS[name].longest}",
                f"-timeout={SLOWEST}",
                f"-rss_limit_mb={MEMORY}",
                *([f"-dict={words}"] if TARGETS[name].words else []),
                f"-artifact_prefix={self._artifacts}/",
                "-print_final_stats=1",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self.result.hear(line)

    def ended(self) -> bool:
        """Return True once the process has ended; then the result is complete."""
        if self._process.poll() is None:
            return False
        self._finish(stopped=False)
        return True

    def stop(self) -> None:
        """Stop the worker now; its findings are kept."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._finish(stopped=True)

    def _finish(self, *, stopped: bool) -> None:
        self._listener.join(5)
        self.result.findings = tuple(sorted(self._artifacts.glob("*-*")))
        if self._process.returncode and not stopped and not self.result.findings:
            self.result.failure = f"the worker ended with exit code {self._process.returncode}"
