"""Move the station's files as moves.txt says and rewrite every name of a module or a path. Nothing else changes.

    python move.py CHECKOUT            on a clean checkout with an environment in CHECKOUT/.venv
    python move.py CHECKOUT --check    only say which files moves.txt does not know

Beside this file: moves.txt (old path -> new path), packages.toml (docstrings of new packages), edits.toml (what no rule
finds: f-strings with a module's name in them, lists of files in tests). Anything that does not fit is listed; exit code 1.
"""

from __future__ import annotations

import ast
import hashlib
import io
import os
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
ROOTS = ("station", "bench")
GENERIC = frozenset(
    "group view views words source rules workflow journal file settings codes facts checks check names value values text "
    "write layout list index case chip content item system errors client mapping record sets moves note opening fields marc "
    "pin rewrite history look plan encode abandon show image steps verify codec annotate remarks models pad compare live "
    "release convert process inspect withdraw retag state label category work notation explain queries figures people "
    "sampling statistics session stack writing corrections sales open info scan health capture nfc configuration library "
    "web sync outbox doctor init manual run demo sound numbers works".split()
)
"""Last names that say too little without their folder: a file that imports such a module calls it FOLDER_NAME."""
SKIP = re.compile(r"^(CHANGELOG\.md|LICENSE|requirements/|tests/vectors/|tests/tui/__snapshots__/|docs/operator/|station/.*\.(toml|tcss|json)$)|\.(svg|raw|png|mrc|bin|ambr|po)$")
SKIPPED_TOO = re.compile(r"\.(svg|raw|png|mrc|bin|gz|ico)$")


# --- what goes where --------------------------------------------------------------------------------------------------


def dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@dataclass
class Moves:
    """moves.txt."""

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path) -> Moves:
        self = cls()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            line = line.partition("#")[0].strip()
            if not line:
                continue
            if line.endswith(" stays"):
                old = new = line.removesuffix(" stays").strip()
            else:
                old, arrow, new = (part.strip() for part in line.partition(" -> "))
                if not arrow:
                    sys.exit(f"{path}:{number}: OLD -> NEW or OLD stays")
            (self.folders if old.endswith("/") else self.files)[old] = new
        doubled = sorted(new for new in set(self.files.values()) if list(self.files.values()).count(new) > 1)
        if doubled:
            sys.exit(f"two files would become {doubled}")
        self.modules = {dotted(old): dotted(new) for old, new in self.files.items()}
        return self

    def place(self, path: str) -> str | None:
        """The new path of a file of the station; None if nobody has decided."""
        if path in self.files:
            return self.files[path]
        for folder in sorted(self.folders, key=len, reverse=True):
            if path.startswith(folder):
                return self.folders[folder] + path[len(folder) :]
        if not path.endswith(".py"):
            return path
        return None

    def learn(self, paths: list[str]) -> list[str]:
        """Take the files that are there; those without a place are returned."""
        lost = []
        for path in paths:
            new = self.place(path)
            if new is None:
                lost.append(path)
            else:
                self.files[path] = new
        there = set(paths)
        self.files = {old: new for old, new in self.files.items() if old in there}
        self.modules = {dotted(old): dotted(new) for old, new in self.files.items() if old.endswith(".py")}
        return lost

    def name(self, name: str) -> tuple[str, str] | None:
        """The longest beginning of a dotted name that is a module: its new name, and what follows."""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            old = ".".join(parts[:length])
            if old in self.modules:
                return self.modules[old], ".".join(parts[length:])
        return None

    def path(self, path: str) -> str | None:
        """The new path of a file or a folder that moved as a whole (with or without a slash at its end)."""
        if path in self.files:
            return self.files[path]
        slash = path.endswith("/")
        folder = path.rstrip("/") + "/"
        if folder in self.folders:
            new = self.folders[folder]
            return new if slash else new.rstrip("/")
        if path + ".py" in self.files:
            return self.files[path + ".py"].removesuffix(".py")
        for old in sorted(self.folders, key=len, reverse=True):
            if path.startswith(old):
                return self.folders[old] + path[len(old) :]
        return None


# --- what a module binds ----------------------------------------------------------------------------------------------


def bound(tree: ast.Module, modules: dict[str, str]) -> set[str]:
    """Top-level names of a file, without modules that are imported."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names.update(a.asname or a.name for a in node.names if f"{node.module}.{a.name}" not in modules)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


# --- one Python file --------------------------------------------------------------------------------------------------


@dataclass
class House:
    """All that a rewriting needs to know."""

    moves: Moves
    bindings: dict[str, set[str]]
    """Old module -> names it binds."""
    renamed: dict[str, dict[str, str]] = field(default_factory=dict)
    """New module -> names of imported modules in it, old -> new."""
    remarks: list[str] = field(default_factory=list)


class Source:
    """A Python file, changed at places."""

    def __init__(self, path: str, text: str, house: House) -> None:
        self.path, self.text, self.house = path, text, house
        self.tree = ast.parse(text)
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = text.splitlines(keepends=True)
        self.changes: list[tuple[int, int, str]] = []
        self.tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        self.names: dict[str, str] = {}
        """Names of imported modules that change in this file."""

    def offset(self, line: int, byte: int) -> int:
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:byte].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def identifiers(self) -> set[str]:
        found, before = set(), ""
        for token in self.tokens:
            if token.type == tokenize.NAME and before != ".":
                found.add(token.string)
            if token.type not in (tokenize.NL, tokenize.COMMENT):
                before = token.string
        return found

    def imports(self) -> None:
        """Rewrite import statements; decide how modules are called in this file."""
        moves = self.house.moves
        taken = self.identifiers()
        loads_only = self._only_read()
        chains: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found = moves.name(alias.name) if alias.name.split(".")[0] in ROOTS else None
                    if found and found[1] == "" and found[0] != alias.name:
                        start, end = self.span(alias)
                        self.changes.append((start, end, found[0] + (f" as {alias.asname}" if alias.asname else "")))
                        if not alias.asname:
                            chains[alias.name] = found[0]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module and node.module.split(".")[0] in ROOTS:
                self._import_from(node, taken, loads_only)
        if chains:
            for node in ast.walk(self.tree):
                if isinstance(node, ast.Attribute) and (name := ast.unparse(node)) in chains:
                    start, end = self.span(node)
                    self.changes.append((start, end, chains[name]))

    def _only_read(self) -> set[str]:
        loaded, other = set(), set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name):
                (loaded if isinstance(node.ctx, ast.Load) else other).add(node.id)
            elif isinstance(node, ast.arg):
                other.add(node.arg)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                other.add(node.name)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                other.add(node.name)
            elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
                other.add(node.name)
        return loaded - other

    def _import_from(self, node: ast.ImportFrom, taken: set[str], loads_only: set[str]) -> None:
        moves, old_module = self.house.moves, node.module or ""
        if old_module not in moves.modules:
            self.house.remarks.append(f"{self.path}:{node.lineno}: no module {old_module}")
            return
        groups: dict[str, list[str]] = {}
        plain = True
        for alias in node.names:
            inner = f"{old_module}.{alias.name}"
            if inner in moves.modules and alias.name not in self.house.bindings.get(old_module, ()):
                parent, _, leaf = moves.modules[inner].rpartition(".")
                bound_as = alias.asname or self._called(alias.name, leaf, parent, taken, loads_only)
                said = leaf if bound_as == leaf else f"{leaf} as {bound_as}"
                plain = plain and said == (alias.name if not alias.asname else f"{alias.name} as {alias.asname}")
            else:
                parent = moves.modules[old_module]
                said = alias.name if not alias.asname else f"{alias.name} as {alias.asname}"
            groups.setdefault(parent, []).append(said)
        start, end = self.span(node)
        segment = self.text[start:end]
        if plain and len(groups) == 1:
            (parent,) = groups
            if parent != old_module:
                at = segment.index(old_module)
                self.changes.append((start + at, start + at + len(old_module), parent))
            return
        if "#" in segment:
            self.house.remarks.append(f"{self.path}:{node.lineno}: a comment inside an import is lost: {segment!r}")
        indent = " " * node.col_offset
        texts = [f"from {parent} import {', '.join(names)}" for parent, names in groups.items()]
        self.changes.append((start, end, f"\n{indent}".join(self._long(text, indent) for text in texts)))

    @staticmethod
    def _long(text: str, indent: str) -> str:
        if len(text) + len(indent) <= 120:
            return text
        head, _, names = text.partition(" import ")
        return f"{head} import (\n" + "".join(f"{indent}    {n},\n" for n in names.split(", ")) + f"{indent})"

    def _called(self, old: str, leaf: str, parent: str, taken: set[str], loads_only: set[str]) -> str:
        if old == leaf:
            return old
        folder = parent.rpartition(".")[2]
        wanted = leaf if leaf not in GENERIC or leaf == folder else f"{folder}_{leaf}"
        if wanted == old:
            return old
        if old in self.names:
            return self.names[old]
        if wanted in taken or wanted in self.names.values() or old not in loads_only:
            return old
        self.names[old] = wanted
        return wanted

    def use_names(self) -> None:
        """Call the imported modules by their new names."""
        if not self.names:
            return
        module = self.house.moves.modules.get(dotted(self.path), dotted(self.path))
        self.house.renamed[module] = dict(self.names)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and node.id in self.names:
                start, end = self.span(node)
                if self.text[start:end] == node.id:  # inside an f-string of Python 3.11 the places are not right
                    self.changes.append((start, end, self.names[node.id]))
                else:
                    self.house.remarks.append(f"{self.path}:{node.lineno}: {node.id} in an f-string is now {self.names[node.id]}")

    def emulators(self) -> None:
        """`Emulator("NAME", ...)` starts `python -m station.emulators.NAME`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Emulator", "process.Emulator", "Stranger") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    old = f"station.emulators.{first.value}"
                    new = self.house.moves.modules.get(old, old)
                    if new != old:
                        self.changes.append((*self.span(first), '"' + new.removeprefix("station.emulators.") + '"'))

    def listed(self, rule: dict[str, str]) -> None:
        """Strings that are paths of files without `prefix` and `suffix`: in one variable, or anywhere in the file."""
        inside: list[ast.AST] = [self.tree]
        if variable := rule.get("variable"):
            inside = [
                node
                for node in ast.walk(self.tree)
                if (isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == variable)
                or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == variable)
            ]
            if not inside:
                self.house.remarks.append(f"{self.path}: no variable {variable}")
        for root in inside:
            for node in ast.walk(root):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and rule["suffix"] != node.value:
                    old = f"{rule['prefix']}{node.value}{rule['suffix']}"
                    if old in self.house.moves.files:
                        start, end = self.span(node)
                        if not any(s == start for s, _, _ in self.changes):
                            new = self.house.moves.files[old].removeprefix("station/")
                            self.changes.append((start, end, f'"{new}"'))
                    elif variable:
                        self.house.remarks.append(f"{self.path}:{node.lineno}: {variable} names {node.value}, which is no file")

    def words(self) -> None:
        """Rewrite strings and comments."""
        depth, begun = 0, 0
        for token in self.tokens:
            kind = tokenize.tok_name[token.type]
            start = self.starts[token.start[0] - 1] + token.start[1]
            end = self.starts[token.end[0] - 1] + token.end[1]
            if kind == "FSTRING_START":
                begun = start if depth == 0 else begun
                depth += 1
            elif kind == "FSTRING_END":
                depth -= 1
                if depth == 0:
                    self._word(begun, end)
            elif depth == 0 and kind in ("STRING", "COMMENT"):
                self._word(start, end)

    def _word(self, start: int, end: int) -> None:
        old = self.text[start:end]
        new = rewritten(old, self.house, self.path)
        if new != old and not any(s == start for s, _, _ in self.changes):
            self.changes.append((start, end, new))

    def result(self) -> str:
        text, last = self.text, len(self.text) + 1
        for start, end, new in sorted(self.changes, key=lambda c: (c[0], c[1]), reverse=True):
            if end > last:
                self.house.remarks.append(f"{self.path}: two changes at {text[start:end]!r}")
                continue
            text, last = text[:start] + new + text[end:], start
        return text


# --- any text ---------------------------------------------------------------------------------------------------------

DOTTED = re.compile(
    r"\bfrom (?P<parent>station[.\w]*) import (?P<names>\w+(?:, \w+)*)(?=[;\n\"'\\])"
    r"|(?<![\w.\-/])station(?:\.[A-Za-z_]\w*)+"
)
PATH = re.compile(r"(?:(?<![\w\-/])|(?<=\.\./))(station|bench)/([\w./\-]*[\w/])")
SHORT_PATH = re.compile(r"(?<![\w/.\-])(?!station/|tests/|docs/|scripts/|fuzz/|hardware/)((?:[a-z]\w*/)+\w+\.py)\b")
MODULE_RUN = re.compile(r"-m bench(?![\w.])")
SHORT = re.compile(r"(?<=`)([a-z]\w*(?:\.[A-Za-z_]\w*)+)(?=[`(\[ :,])")


def rewritten(text: str, house: House, path: str) -> str:
    moves = house.moves

    def dots(found: re.Match[str]) -> str:
        if found["parent"]:
            return imported(found["parent"], found["names"].split(", ")) or found[0]
        named = moves.name(found[0])
        if named is None or named[0] == "station":
            return found[0]
        new, rest = named
        if rest:
            first, dot, more = rest.partition(".")
            rest = house.renamed.get(new, {}).get(first, first) + dot + more
        return f"{new}.{rest}" if rest else new

    def imported(parent: str, names: list[str]) -> str | None:
        if parent not in moves.modules:
            return None
        groups: dict[str, list[str]] = {}
        for name in names:
            inner = f"{parent}.{name}"
            if inner in moves.modules and name not in house.bindings.get(parent, ()):
                folder, _, leaf = moves.modules[inner].rpartition(".")
                groups.setdefault(folder, []).append(leaf if leaf == name else f"{leaf} as {name}")
            else:
                groups.setdefault(moves.modules[parent], []).append(name)
        if len(groups) > 1:
            house.remarks.append(f"{path}: one import in a text would become several: from {parent} import {', '.join(names)}")
            return None
        ((folder, said),) = groups.items()
        return f"from {folder} import {', '.join(said)}"

    def paths(found: re.Match[str]) -> str:
        if found[1] == "bench" and found[0] not in moves.files:
            return found[0]
        return moves.path(found[0]) or found[0]

    def short_paths(found: re.Match[str]) -> str:
        if "station/" + found[0] in moves.files:
            new = moves.files["station/" + found[0]]
            return new.removeprefix("station/")
        return found[0]

    def short(found: re.Match[str]) -> str:
        name = found[0]
        first, _, rest = name.partition(".")
        attribute = rest.partition(".")[0]
        named = moves.name("station." + name)
        if named and named[0] != "station" and ("station." + name).count(".") - named[1].count(".") - bool(named[1]) >= 2:
            new, more = named
            return new.removeprefix("station.") + ("." + more if more else "")
        for module in (f"station.{first}", *_beside(path, first)):
            if attribute in house.bindings.get(module, ()):
                new = moves.modules.get(module, module)
                if new.rpartition(".")[2] == first:
                    return name
                if module.count(".") > 1:  # in its own room a module goes by its last name
                    parts = new.split(".")
                    new = ".".join(parts[-2:]) if parts[-1] in GENERIC and parts[-1] != first else parts[-1]
                return f"{new.removeprefix('station.')}.{rest}"
        return name

    text = DOTTED.sub(dots, text)
    text = PATH.sub(paths, text)
    text = SHORT_PATH.sub(short_paths, text)
    text = MODULE_RUN.sub("-m benchmarks", text)
    return SHORT.sub(short, text)


def _beside(path: str, name: str) -> Iterator[str]:
    if path.startswith("station/"):
        folder = dotted(str(PurePosixPath(path).parent))
        while folder != "station" and folder:
            yield f"{folder}.{name}"
            folder = folder.rpartition(".")[0]


# --- the whole --------------------------------------------------------------------------------------------------------


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, text=True).stdout


def tracked(root: Path, *folders: str) -> list[str]:
    """All files of these folders, but this tool's own."""
    found = git(root, "ls-files", "-z", "--", *folders).rstrip("\0").split("\0")
    return [path for path in found if not path.startswith("restructure/")]


def moved(root: Path, moves: Moves, remarks: list[str]) -> None:
    """Rewrite all, then put the files where they belong."""
    texts: dict[str, str] = {}
    for path in tracked(root):
        if not SKIPPED_TOO.search(path) and not (root / path).is_symlink():
            try:
                texts[path] = (root / path).read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue
    trees = {path: ast.parse(text) for path, text in texts.items() if path in moves.files and path.endswith(".py")}
    house = House(moves, {dotted(path): bound(tree, moves.modules) for path, tree in trees.items()}, remarks=remarks)
    results: dict[str, str] = {}
    sources = {p: Source(p, t, house) for p, t in texts.items() if p.endswith(".py")}
    for source in sources.values():
        source.imports()
        source.use_names()
        source.emulators()
    for rule in tomllib.loads((HERE / "edits.toml").read_text(encoding="utf-8")).get("paths", []):
        sources[rule["file"]].listed(rule)
    for path, source in sources.items():
        source.words()
        results[path] = source.result()
    for path, text in texts.items():
        if path not in sources and not SKIP.search(path):
            results[path] = rewritten(text, house, path)
    contents = {path: (root / path).read_bytes() for path in moves.files if moves.files[path] != path}
    modes = {path: (root / path).stat().st_mode for path in contents}
    for path in contents:
        (root / path).unlink()
    for path in texts:
        target = root / moves.files.get(path, path)
        if path in contents:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(contents[path])
            os.chmod(target, modes[path])
        if path in results and results[path] != texts[path]:
            target.write_bytes(results[path].encode("utf-8"))
    for path in contents.keys() - texts.keys():
        target = root / moves.files[path]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents[path])
    for folder in sorted({p.parent for p in map(root.joinpath, contents)}, reverse=True):
        _tidied(folder, root)


def _tidied(folder: Path, root: Path) -> None:
    """Take away folders that hold nothing but what Python has compiled."""
    while folder != root and folder.is_dir():
        rest = [p for p in folder.iterdir() if p.name != "__pycache__"]
        if rest:
            return
        for cache in folder.glob("__pycache__/*"):
            cache.unlink()
        for cache in folder.glob("__pycache__"):
            cache.rmdir()
        folder.rmdir()
        folder = folder.parent


def packages(root: Path, remarks: list[str]) -> None:
    """An `__init__.py` with its docstring in each folder with Python files; the list in pyproject.toml."""
    says = tomllib.loads((HERE / "packages.toml").read_text())
    for top in ("station", "scripts", "benchmarks"):
        for folder in sorted({p.parent for p in (root / top).rglob("*.py")}):
            if "__pycache__" in folder.parts:
                continue
            name = dotted(str(folder.relative_to(root)))
            init = folder / "__init__.py"
            text = says.get(name)
            if not init.exists():
                if text is None:
                    remarks.append(f"packages.toml has no docstring for {name}")
                    text = "TO BE SAID"
                init.write_text(f'"""{text}"""\n', encoding="utf-8")
    found = sorted({dotted(str(p.parent.relative_to(root))) for p in (root / "station").rglob("*.py")} | {"station.manual.pages"})
    project = root / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    listed = "packages = [\n" + "".join(f'  "{name}",\n' for name in found) + "]"
    text, count = re.subn(r"^packages = \[\n.*?^\]", lambda _: listed, text, flags=re.MULTILINE | re.DOTALL)
    if count != 1:
        remarks.append("pyproject.toml has no list of packages")
    project.write_text(text, encoding="utf-8")


CONTRACTS_THEN = "180883eba14ed2b1f182b1d43c38e27e76286636ab6b53c5018d6a5b84b9e393"
PAGE_TEST_THEN = "c133bebf8364bea2e327e23a3ded9990c4de4259662b20386717bfe77f26017e"
"""SHA-256 of the contracts and of the test of docs/architecture.md at 21120db: both are written anew."""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def look_at_what_is_replaced(root: Path, remarks: list[str]) -> None:
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    if digest(project[project.index("[tool.importlinter]") :]) != CONTRACTS_THEN:
        remarks.append("the import contracts have changed since 21120db: carry the change over into contracts.toml")
    if digest((root / PAGE_TEST).read_text(encoding="utf-8")) != PAGE_TEST_THEN:
        remarks.append(f"{PAGE_TEST} has changed since 21120db: carry the change over into test_page.py")


PAGE_TEST = "tests/architecture/test_page.py"
IGNORED = {
    "layers": (
        "station.reports.screens -> station.cli.quality.sampling",
        "station.reports.statistics_text -> station.cli.shared.app",
    ),
    "circles": ("station.bench.item.counted_parts -> station.bench.workflows.sets.rules",),
}
"""Imports that go with the names that names.py moves."""


def contracts(root: Path) -> None:
    """The nine layers; every protection carried over to the new names."""
    project = root / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    new = (HERE / "contracts.toml").read_text(encoding="utf-8")
    for mark, ignored in (("LAYERS", IGNORED["layers"]), ("CIRCLES", (*IGNORED["layers"], *IGNORED["circles"]))):
        lines = "".join(f'  "{one}",\n' for one in ignored)
        new = new.replace(f"#IGNORED-{mark}\n", f"ignore_imports = [\n{lines}]\n\n")
    project.write_text(text[: text.index("[tool.importlinter]")] + new, encoding="utf-8")


def page(root: Path) -> None:
    """The rooms and layers of docs/architecture.md from the tree; its test."""
    rows = ["| folder | what lives there | files |", "|---|---|---|"]
    for folder in sorted({p.parent for p in (root / "station").rglob("*.py")} - {root / "station"}):
        doc = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
        first = " ".join(doc.split("\n\n")[0].split()).replace("|", "\\|")
        files = ", ".join(f"`{p.stem}`" for p in sorted(folder.glob("*.py")) if p.stem not in ("__init__", "__main__"))
        rows.append(f"| `{folder.relative_to(root / 'station')}/` | {first} | {files} |")
    path = root / "docs/architecture.md"
    text = path.read_text(encoding="utf-8")
    text = section(text, "## Rooms", "\n".join(rows))
    text = section(text, "## Who may import whom", (HERE / "layers.md").read_text(encoding="utf-8").strip())
    path.write_text(text, encoding="utf-8")
    (root / PAGE_TEST).write_text((HERE / "test_page.py.txt").read_text(encoding="utf-8"), encoding="utf-8")


def section(text: str, head: str, body: str) -> str:
    before, _, rest = text.partition(f"{head}\n")
    at = rest.index("\n## ")
    return f"{before}{head}\n{body}\n{rest[at:]}"


def rewrapped(root: Path) -> None:
    """Break lines of comments and docstrings that have become longer than 130."""
    for path in tracked(root, "*.py", ".") :
        file = root / path
        if not path.endswith(".py") or not file.exists():
            continue
        text = file.read_text(encoding="utf-8")
        if not any(len(line) > 130 for line in text.splitlines()):
            continue
        soft: dict[int, str] = {}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                soft.update(dict.fromkeys(range(node.lineno, node.end_lineno + 1), " " * node.col_offset))
        lines = []
        for number, line in enumerate(text.splitlines(), 1):
            bare = line.lstrip()
            indent = line[: len(line) - len(bare)]
            if len(line) > 130 and (number in soft or bare.startswith("#")):
                at = line.rindex(" ", 0, 121)
                lines += [line[:at], (indent + "# " if bare.startswith("#") else indent) + line[at + 1 :]]
            else:
                lines.append(line)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def edits(root: Path, name: str, remarks: list[str]) -> None:
    """Exact replacements in moved files."""
    for edit in tomllib.loads((HERE / name).read_text(encoding="utf-8")).get("edit", []):
        path = root / edit["file"]
        if edit.get("if_there") and not path.exists():
            continue
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if edit["old"] not in text:
            remarks.append(f"{name}: not found in {edit['file']}: {edit['old']!r}")
            continue
        path.write_text(text.replace(edit["old"], edit["new"]), encoding="utf-8")


def formatted(root: Path) -> None:
    ruff = root / ".venv/bin/ruff"
    subprocess.run([ruff, "check", "--fix", "--select", "I", "--quiet", "."], cwd=root, check=False)
    subprocess.run([ruff, "format", "--quiet", "."], cwd=root, check=True)


def main() -> None:
    root = Path(sys.argv[1]).resolve()
    moves = Moves.read(HERE / "moves.txt")
    gone = sorted(set(moves.files) - set(tracked(root)))
    lost = moves.learn(tracked(root, *ROOTS))
    if gone:
        print("not in this checkout, though moves.txt names them:", *gone, sep="\n  ")
    if lost:
        sys.exit("\n  ".join(["moves.txt does not know where these go:", *lost]))
    if "--check" in sys.argv:
        return
    if git(root, "status", "--porcelain", "--untracked-files=no"):
        sys.exit("the checkout is not clean")
    remarks: list[str] = []
    look_at_what_is_replaced(root, remarks)
    moved(root, moves, remarks)
    packages(root, remarks)
    contracts(root)
    git(root, "add", "-A", "--", ".")
    formatted(root)
    edits(root, "edits.toml", remarks)
    page(root)
    formatted(root)
    rewrapped(root)
    python = root / ".venv/bin/python"
    made = subprocess.run([python, "-m", "scripts.reference.pages", "docs"], cwd=root, capture_output=True, text=True, check=False)
    if made.returncode:
        remarks.append("the reference pages were not made anew: " + made.stderr[-2000:])
    git(root, "add", "-A", "--", ".")
    if remarks:
        sys.exit("\n  ".join(["done, but:", *remarks]))


if __name__ == "__main__":
    main()
