"""Machine findings and a person's checklist from rules and facts: only rules that apply, and only questions that a
machine cannot answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from station.base.sentence import EMPTY, Sentence, Value
from station.base.text import clean, clean_sentence
from station.domain.commands import Answer
from station.domain.finding_words import note_of
from station.domain.findings import Check, Covered, Finding, Outcome, Severity
from station.domain.item import ItemRecord
from station.domain.people.sign_on import MACHINE
from station.quality import rule_words
from station.quality.checks import piece_count
from station.quality.checks.applies import applies
from station.quality.checks.facts import Facts
from station.quality.checks.record import set_of
from station.quality.checks.table import PREDICATES
from station.quality.checks.tag import wanted_of
from station.quality.rules import Catalogue, Rule
from station.quality.sketches import SKETCHES

_GRAVITY: Final = tuple(Severity).index
NO_TAG: Final = "no-tag"
"""Code of the reason that an item has no tag."""
OF_FILE: Final = "finding.of-file"
"""Key of the reason of a rule that abstains because many records of the item's file break it."""
OPEN: Final = "open"
"""Code of a finding that stays open: the rule has reasons for a pass, and none of them was given yet."""


def everything(_rule: Rule) -> bool:
    """Ask about every rule: the default of `checks` without a sampling plan."""
    return True


# --- machine --------------------------------------------------------------------------------------------------------


_SAME_CAUSE: Final[Mapping[str, tuple[str, ...]]] = {
    "call-number-complete": ("call-number-typed",),
    "call-number-date": ("call-number-typed", "years-agree"),
    "call-number-dated": ("call-number-typed",),
    "call-number-scheme": ("call-number-typed",),
    "class-agrees": ("call-number-typed",),
    "class-location": ("location-known",),
    "class-near": ("call-number-typed",),
    "isbn-valid": ("piece-number",),
    "label-fits": ("call-number-scheme",),
    "vendor-barcode": ("barcode-format",),
}
"""Rules, each with those that see the same cause in the same field."""


def machine_findings(catalogue: Catalogue, facts: Facts, day: str) -> tuple[Finding, ...]:
    """Return the machine's findings for the rules in force on `day`, in the order of the rules. Of two fails with one
    cause the worse one stands; the other rule abstains.

    Rules that only a person checks have a finding only if it is unknown whether they apply.
    """
    findings = [finding for rule in catalogue.in_force(day) if (finding := _machine_finding(rule, facts)) is not None]
    failed = {finding.rule: finding for finding in findings if finding.outcome is Outcome.FAIL}
    return tuple(_unless_reported(finding, failed) for finding in findings)


def _unless_reported(finding: Finding, failed: Mapping[str, Finding]) -> Finding:
    others = [failed[rule] for rule in _SAME_CAUSE.get(finding.rule, ()) if rule in failed]
    if finding.rule not in failed or all(_is_worse(finding, other) for other in others):
        return finding
    reason = Sentence("finding.same-cause", why=finding.reason)
    return msgspec.structs.replace(finding, outcome=Outcome.ABSTAINED, reason=reason)


def _is_worse(finding: Finding, other: Finding) -> bool:
    return _GRAVITY(finding.severity) < _GRAVITY(other.severity)


def _machine_finding(rule: Rule, facts: Facts) -> Finding | None:
    holds, why = applies(rule, facts)
    if holds is None:
        outcome, reason = Outcome.ABSTAINED, Sentence(why)
    elif not rule.by_machine:
        return None
    elif holds:
        judged = PREDICATES[rule.check].run(facts, rule)
        outcome, reason = judged.outcome, judged.reason
        if outcome is Outcome.FAIL and rule.of_record and rule.id in facts.rules_of_file and not judged.at_item:
            outcome, reason = Outcome.ABSTAINED, Sentence(OF_FILE, why=reason)
    else:
        outcome, reason = Outcome.NOT_APPLICABLE, EMPTY
    return Finding(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        outcome=outcome,
        by=MACHINE,
        reason=clean_sentence(reason, 300),
        number=rule.number,
    )


# --- person ---------------------------------------------------------------------------------------------------------


def checks(
    catalogue: Catalogue,
    facts: Facts,
    day: str,
    *,
    each: bool = False,
    alone: bool = False,
    asked: Callable[[Rule], bool] = everything,
) -> tuple[Check, ...]:
    """Return the checks that a person must confirm, one tap each.

    Rules that are checked together share a tap; `each` = one question per rule, as for a trainee, and a page for each
    place on the item. `alone` = one check per page; else only those with a rule that the site wants alone, and a label
    that is not known. `asked` returns False
    for a rule that need not be asked this time (sampling); it has no effect on rules with `always_ask`, on the label of
    an item whose expected label is not known, nor on the identity of an item that was chosen in the search.
    """
    rules = [
        rule for rule in catalogue.in_force(day) if _is_asked(rule, facts) and (_always(rule, facts) or asked(rule))
    ]
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        apart = _unproven(rule, facts)
        groups.setdefault(f"{rule.id}/" if apart else rule.asked_with or rule.id, []).append(rule)
    led = [_lead_first(name, group) for name, group in groups.items()]
    led.sort(key=lambda group: rules.index(group[0]))
    if each:
        all_checks = [
            msgspec.structs.replace(_check(catalogue, (rule,), facts), place=group[0].id)
            for group in led
            for rule in group
        ]
    else:
        all_checks = [_check(catalogue, group, facts) for group in led]
    return tuple(msgspec.structs.replace(check, alone=True) for check in all_checks) if alone else _gathered(all_checks)


def _gathered(all_checks: Sequence[Check]) -> tuple[Check, ...]:
    """Return the checks that share a page one after another, from the place of the first: one page instead of one on
    each side of a check that has its own."""
    first = next((at for at, check in enumerate(all_checks) if not check.alone), len(all_checks))
    rest = sorted(all_checks[first:], key=lambda check: check.alone)
    return (*all_checks[:first], *rest)


def skipped(
    catalogue: Catalogue, facts: Facts, day: str, asked: Callable[[Rule], bool], *, unattended: Sentence = EMPTY
) -> tuple[Finding, ...]:
    """Return findings for the rules that a sampling plan left out. `unattended`: why no person is asked anything; then
    all rules are included."""
    spared = [
        rule
        for rule in catalogue.in_force(day)
        if _is_asked(rule, facts) and (unattended or not (_always(rule, facts) or asked(rule)))
    ]
    return tuple(
        Finding(rule.id, rule.title, rule.severity, Outcome.NOT_SAMPLED, MACHINE, unattended, number=rule.number)
        for rule in spared
    )


def _is_asked(rule: Rule, facts: Facts) -> bool:
    if not rule.by_person or applies(rule, facts)[0] is not True:
        return False
    if rule.ask == "always":
        return True
    return PREDICATES[rule.check].run(facts, rule).outcome is Outcome.ABSTAINED


def _always(rule: Rule, facts: Facts) -> bool:
    """Return True if the rule is asked for this item whatever the sampling plan says."""
    return rule.always_ask or _label_unknown(rule, facts) or _unproven(rule, facts)


def _unproven(rule: Rule, facts: Facts) -> bool:
    """Return True for a rule that compares the item in hand with the record, if no barcode connects the two. It is then
    asked on a page of its own."""
    return facts.by_search and rule.expectation == "title"


def _label_unknown(rule: Rule, facts: Facts) -> bool:
    """Return True for a rule that compares the label of an item whose expected label is not known."""
    return rule.expectation == "label" and not facts.item.label_lines


def _only_counted_by_hand(rule: Rule, facts: Facts) -> bool:
    """Return True for a rule on pieces that nothing but a person counts. The station counts the parts of a set, too: each
    is laid on the pad."""
    return rule.expectation == "pieces" and facts.item.parts < 2


def _question(rule: Rule, facts: Facts) -> Sentence:
    if _label_unknown(rule, facts):
        return Sentence("check.label-unknown.question")
    return rule_words.question(rule, **_values(rule.question, rule, facts))


def _look(rule: Rule, facts: Facts) -> Sentence:
    if _label_unknown(rule, facts):
        return Sentence("check.label-unknown.look")
    return rule_words.look(rule, **_values(rule.look, rule, facts))


def _values(text: str, rule: Rule, facts: Facts) -> dict[str, Value]:
    """Return the values for the braces of a rule's text."""
    place = "{place}"  # not for people
    values: dict[str, Value] = {}
    if place in text:
        values["place"] = Sentence(f"question.place.{_place(rule, facts) or 'own'}")
    if "{" in text.replace(place, ""):
        values |= {"part": facts.part, "parts": facts.item.parts, "wanted": wanted_of(facts, rule)}
    return values


def _place(rule: Rule, facts: Facts) -> str:
    """Return the site's place of what the rule's drawing shows; "" = the drawing shows no place that a site chooses."""
    site = facts.site
    return {"stamp": site.stamp_place, "tag": site.tag_place, "spine": site.label_place}.get(rule.sketch, "")


def _sketch(rule: Rule, facts: Facts) -> str:
    """Return the name of the rule's drawing, with the site's place."""
    name = f"{rule.sketch}-{_place(rule, facts)}"
    return name if name in SKETCHES else rule.sketch


def _lead_first(name: str, group: Sequence[Rule]) -> list[Rule]:
    return sorted(group, key=lambda rule: rule.id != name)


def _check(catalogue: Catalogue, group: Sequence[Rule], facts: Facts) -> Check:
    lead = group[0]
    covers = tuple(
        Covered(
            rule.id,
            rule.title,
            rule.severity,
            _look(rule, facts),
            rule_words.offered(catalogue.reasons_of(rule)),
            _pass_reasons(catalogue, rule, facts),
            rule.number,
            rule.by_scan,
            rule.may_not_apply,
            rule.expectation == "title",
        )
        for rule in group
    )
    shown = {rule.expectation: None for rule in group if rule.expectation}
    counted = set_of(facts).majority if any(rule.expectation == "pieces" for rule in group) else None
    return Check(
        rule=lead.id,
        question=_question(lead, facts),
        expectation=Sentence.joined((line for kind in shown for line in _expectation(kind, facts)), "\n"),
        severity=min((rule.severity for rule in group), key=_GRAVITY),
        reasons=tuple(dict.fromkeys(words for cover in covers for _, words, _ in cover.reasons)),
        covers=covers,
        sketches=tuple(dict.fromkeys(_sketch(rule, facts) for rule in group if rule.sketch)),
        counted=counted,
        counts=() if counted is None else tuple(n for n in range(max(0, counted - 2), counted + 3) if n != counted),
        alone=any(
            rule.alone or _label_unknown(rule, facts) or _unproven(rule, facts) or _only_counted_by_hand(rule, facts)
            for rule in group
        ),
    )


def _pass_reasons(catalogue: Catalogue, rule: Rule, facts: Facts) -> tuple[tuple[str, Sentence, str], ...]:
    """Return the reasons of which a pass needs one. An item whose live tag the journal knows is not without a tag."""
    known = facts.ledger is not None and bool(facts.ledger.live)
    return rule_words.offered(
        [reason for reason in catalogue.pass_reasons_of(rule) if not (known and reason.code == NO_TAG)]
    )


def _expectation(kind: str, facts: Facts) -> tuple[Sentence, ...]:
    item = facts.item
    match kind:
        case "title":
            lines = _title(item)
        case "label":
            known = tuple(map(Sentence.verbatim, item.label_lines)) or _known_of_label(item)
            lines = (*known, *map(_marked, item.label_problems))
        case "pieces":
            lines = _pieces(facts)
        case "set":
            lines = (
                Sentence("check.expect.part", part=facts.part, parts=item.parts),
                Sentence.verbatim(item.description),
            )
        case "donor":
            lines = (Sentence("check.expect.donor", donor=item.marc.donor),) if item.marc and item.marc.donor else ()
        case "lease":
            lines = (Sentence("check.expect.lease", purchase=item.purchase),) if item.purchase else ()
        case "notes":
            lines = tuple(map(Sentence.verbatim, item.notes))
        case "tag":
            live = facts.ledger.live if facts.ledger is not None else ()
            lines = tuple(Sentence("check.expect.tag", tag=uid[-6:]) for uid in live)
        case _:
            lines = (Sentence("check.expect.oversize", height=f"{facts.site.oversize_cm:g}"),)
    once = {_folded(line): line for line in reversed(lines) if line}
    return tuple(reversed(once.values()))


def _folded(line: Sentence) -> str | Sentence:
    """Return what equal lines have in common."""
    return line if line.text is None else line.text.casefold()


def _marked(problem: Sentence) -> Sentence:
    return Sentence.joined((Sentence.verbatim("!"), problem), " ")


def _known_of_label(item: ItemRecord) -> tuple[Sentence, ...]:
    """Return what is known of the label of an item without a call number."""
    place = " ".join(part for part in (item.library, item.location) if part)
    return (
        Sentence("check.label-unknown.place", place=place) if place else EMPTY,
        Sentence.verbatim(item.description),
        Sentence.verbatim(item.copy),
    )


def _title(item: ItemRecord) -> tuple[Sentence, ...]:
    """Return title and author with what distinguishes the piece; for a record without a title, all that may identify
    it."""
    marc = item.marc
    year = (marc.years[:1] or marc.fixed_years[:1]) if marc else ()
    edition = ", ".join((marc.edition.rstrip(" ."), *year)) if marc and marc.edition else ""
    further = () if item.title else (item.call_number, item.extent, *item.isbns[:1], item.record_id)
    return (
        Sentence.verbatim(item.alternate_title),
        Sentence.verbatim(item.title) or _marked(item.missing_words),
        *map(Sentence.verbatim, (item.alternate_author, item.author, edition, item.description)),
        item.set_note,
        *map(Sentence.verbatim, further),
    )


def _pieces(facts: Facts) -> tuple[Sentence, ...]:
    item = facts.item
    pieces = set_of(facts)
    accompanying = f"+ {item.accompanying}" if item.accompanying else ""
    lines = (Sentence.verbatim(item.extent), Sentence.verbatim(accompanying))
    if pieces.agree and pieces.majority is not None:
        together = Sentence("check.expect.together", number=pieces.majority) if pieces.majority > 1 else EMPTY
        return (*lines, together)
    numbers = ((source, number) for source, number in pieces.sources if source != piece_count.COUNT)
    return (*lines, *(Sentence(f"check.expect.pieces.{source}", number=number) for source, number in numbers))


# --- answer ---------------------------------------------------------------------------------------------------------


def _note(answer: Answer) -> Sentence:
    text = clean(answer.note)
    return Sentence("detail.scanned", text=text) if answer.scanned and text else note_of(text)


def answered(check: Check, answer: Answer, operator: str) -> Check | None:
    """Return the check with its findings. Return None if `answer` does not answer the check: another rule, a fail without
    one of the offered reasons, "not applicable" to more than one rule or to a rule that always applies, a pass without
    the reason that it needs, or "abstained" to a check that may not stay open.

    A fail belongs to the rule whose reason was chosen; the other rules of the check stay open.
    """
    if answer.rule != check.rule:
        return None
    match answer.outcome:
        case Outcome.NOT_APPLICABLE if not (len(check.covers) == 1 and check.may_not_apply):
            return None
        case Outcome.ABSTAINED if not check.pass_reasons:
            return None
        case Outcome.NOT_SAMPLED:
            return None
    code, phrase, owner = "", "", check.covers[0].rule if check.covers else check.rule
    needs_reason = answer.outcome is Outcome.PASS and bool(check.pass_reasons)
    if answer.outcome is Outcome.ABSTAINED:
        code = OPEN
    if answer.outcome is Outcome.FAIL or needs_reason:
        offered = [
            (*reason, cover.rule)
            for cover in check.covers
            for reason in (cover.pass_reasons if needs_reason else cover.reasons)
        ]
        chosen = next(
            (
                (code, phrase, rule)
                for code, words, phrase, rule in offered
                if answer.reason in (code, words.values.get("english"))
            ),
            None,
        )
        if chosen is None:
            return None
        code, phrase, owner = chosen
    bad = answer.outcome is Outcome.FAIL
    count = answer.count if answer.count is not None else None if bad else check.counted
    findings = []
    for cover in check.covers:
        if cover.rule == owner or (not bad and (cover.text or not answer.scanned)):
            finding = Finding(
                rule=cover.rule,
                title=cover.title,
                severity=cover.severity,
                outcome=answer.outcome,
                by=operator,
                reason=Sentence.verbatim(phrase),
                note=_note(answer),
                code=code,
                photo=clean(answer.photo, 500),
                counted=count,
                number=cover.number,
            )
        else:
            why = Sentence("finding.only-scanned" if answer.scanned else "finding.not-looked-at")
            finding = Finding(
                cover.rule, cover.title, cover.severity, Outcome.ABSTAINED, operator, why, number=cover.number
            )
        findings.append(finding)
    mine = next(finding for finding in findings if finding.rule == owner)
    others = tuple(finding for finding in findings if finding is not mine)
    return msgspec.structs.replace(check, answer=mine, others=others)


def set_apart(catalogue: Catalogue, check: Check, rule: str, facts: Facts, day: str) -> tuple[Check, ...]:
    """Split off one rule of `check`: return its own check, followed by the check of the other rules. "Not applicable"
    answers one rule, and the others are still asked."""
    rules = [member for cover in check.covers if (member := catalogue.rule(cover.rule, day)) is not None]
    groups = ([member for member in rules if member.id == rule], [member for member in rules if member.id != rule])
    return tuple(_check(catalogue, group, facts) for group in groups if group) if all(groups) else (check,)


def remembered(check: Check, earlier: Mapping[str, Finding]) -> Check:
    """Return the check with earlier answers, by rule; unchanged if they do not answer all of it. A journal of an older
    version may have two answers that are none: "not applicable" to a rule that always applies, and a pass without the
    reason that it needs now."""
    answers = [
        earlier[cover.rule] for cover in check.covers if cover.rule in earlier and _answers(cover, earlier[cover.rule])
    ]
    if not answers or len(answers) < len(check.covers):
        return check
    mine = next((answer for answer in answers if answer.outcome is Outcome.FAIL), answers[0])
    return msgspec.structs.replace(check, answer=mine, others=tuple(answer for answer in answers if answer is not mine))


def _answers(cover: Covered, finding: Finding) -> bool:
    if finding.outcome is Outcome.NOT_APPLICABLE:
        return cover.may_not_apply
    passes = finding.outcome is Outcome.PASS and bool(cover.pass_reasons)
    return not passes or finding.code in {code for code, *_ in cover.pass_reasons}


def left_open(catalogue: Catalogue, findings: Sequence[Finding], day: str) -> tuple[Finding, ...]:
    """Return the findings, with a fail that the machine found left open if the rule may stay open."""
    return tuple(
        msgspec.structs.replace(finding, outcome=Outcome.ABSTAINED, code=OPEN)
        if finding.outcome is Outcome.FAIL
        and finding.by == MACHINE
        and (rule := catalogue.rule(finding.rule, day)) is not None
        and rule.pass_reasons
        else finding
        for finding in findings
    )


def counted_by_hand(checks: Sequence[Check]) -> int | None:
    """Return the number of pieces counted by a person; None = not counted."""
    counts = [finding.counted for check in checks for finding in check.findings if finding.counted is not None]
    return counts[-1] if counts else None
