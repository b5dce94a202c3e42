"""Templates as text with slots: `{unit}教师{name}同志` becomes runs that know which truth they carry."""

from __future__ import annotations

from string import Formatter

from numpy.random import Generator

from bench.generator.canvas import Run
from bench.generator.people import DOTS, Person, pick


def runs(template: str, person: Person, dice: Generator) -> list[Run]:
    """A template's text as runs. Raises KeyError for an unknown slot."""
    made = []
    for text, slot, _, _ in Formatter().parse(template):
        if text:
            made.append(Run(text))
        if slot:
            made.append(fill(slot, person, dice))
    return made


def fill(slot: str, person: Person, dice: Generator) -> Run:
    """One slot's run."""
    year, month, day = person.birth
    match slot:
        case "name":
            return _name(person, dice)
        case "pinyin":
            words = person.pinyin.split(" ")
            shown = pick(dice, (" ".join(words), " ".join(words).upper(), " ".join(reversed(words))))
            return Run(shown, "name", "pinyin")
        case "former":
            return Run(person.former, "name", "former") if person.former else Run("无")
        case "unit":
            return Run(person.unit, "unit", "full")
        case "short":
            return Run(pick(dice, person.short), "unit", "short")
        case "old":
            return Run(person.old_unit, "unit", "old")
        case "id":
            return _id_number(person, dice)
        case "phone":
            shown = pick(dice, (person.phone, f"{person.phone[:3]} {person.phone[3:7]} {person.phone[7:]}"))
            return Run(shown, "phone", "plain" if shown == person.phone else "spaced")
        case "other0" | "other1" | "other2" | "other3":
            return Run(person.others[int(slot[-1])], "third_party_name")
        case "other_unit":
            return Run(person.other_unit, "near:unit_like")
        case "number":
            return Run("".join(map(str, dice.integers(1, 10, 16))), "near:id_like")
        case "word":
            return _word(person)
        case "birth":
            return Run(f"{year}年{month}月{day}日")
        case "month":
            return Run(f"{year}年{month:02d}月")
        case "sex":
            return Run("女" if person.woman else "男")
        case "year":
            return Run(str(dice.integers(2016, 2026)))
        case "place":
            return Run(person.place)
    raise KeyError(slot)


def _name(person: Person, dice: Generator) -> Run:
    """The name as clerks write it: any separator, or spaced out when it has two characters."""
    if "·" in person.name:
        dot = pick(dice, DOTS)
        return Run(person.name.replace("·", dot), "name", f"dot {dot or 'none'}")
    if len(person.name) == 2 and dice.random() < 0.4:
        return Run("　".join(person.name), "name", "spaced")
    return Run(person.name, "name", "plain")


def _id_number(person: Person, dice: Generator) -> Run:
    full = person.id_number
    shapes = {
        "plain": full,
        "grouped": f"{full[:6]} {full[6:14]} {full[14:]}",
        "starred": f"{full[:6]}********{full[14:]}",
        "fifteen": full[:6] + full[8:17],
    }
    variant = pick(dice, ("plain", "plain", "plain", *shapes))
    return Run(shapes[variant], "id_number", variant)


def _word(person: Person) -> Run:
    """An ordinary phrase that happens to hold a short form of the school, or a neutral one."""
    short = person.short[0].removeprefix(person.place[-1:])
    if short.endswith("实验中学"):
        return Run("在化学实验中学会观察", "near:word_like")
    if len(short) == 2 and short[1] in "中小":
        return Run(f"二〇二{short[0]}{short[1]}" + ("期检查" if short[1] == "中" else "结"), "near:word_like")
    return Run("期末总结")
