"""Parts of a pack about words and things: form sections, material columns, masking, exact texts, printed papers."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mangping.contracts import DocumentKind
from mangping.policy.parts import Act, Cited, Condition, Key, Part, Role, Text, Year

FieldType = Literal[
    "text", "long_text", "integer", "boolean", "date", "month", "choice", "phone", "email", "id_number", "list"
]
Format = Literal["jpg", "png", "pdf"]
Bringer = Literal["applicant", "unit"]


class Column(Part):
    """One column of a field that is a list of rows."""

    key: Key
    title: Text
    type: FieldType
    choices: tuple[Text, ...] = ()


class FormField(Cited):
    """One field. `identity` is sealed and never shown to a panel; `blind` text must not name person or unit."""

    key: Key
    title: Text
    type: FieldType
    help: str = ""
    when: Condition | None = None
    choices: tuple[Text, ...] = ()
    columns: tuple[Column, ...] = ()
    identity: bool = False
    blind: Cited | None = None
    min_chars: Characters | None = None
    continuous: Cited | None = None
    ascending: Ascending | None = None

    @model_validator(mode="after")
    def _fits(self) -> FormField:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choice须列choices，其他类型不得列")
        if (self.type == "list") != bool(self.columns):
            raise ValueError("list须列columns，其他类型不得列")
        return self


class Characters(Cited):
    """At least so many characters; spaces never count, punctuation counts only if `punctuation`."""

    count: Annotated[int, Field(gt=0)]
    punctuation: bool


class Ascending(Cited):
    """Rows stand from low to high by this column, in the order of the list."""

    column: Key
    order: Annotated[tuple[Text, ...], Field(min_length=2)]


class Section(Cited):
    """`evidence` names the material column that a filled section needs files in."""

    key: Key
    title: Text
    fields: Annotated[tuple[FormField, ...], Field(min_length=1)]
    evidence: Evidence | None = None


class Evidence(Cited):
    column: Key


class Vague(Cited):
    words: Annotated[tuple[Text, ...], Field(min_length=1)]


class Form(Part):
    """`blanks`: every shown field is filled, 无 where there is nothing; `vague`: words that say nothing."""

    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    blanks: Cited | None = None
    vague: Vague | None = None


class Item(Cited):
    """One document of a column. `need` is `always`, `optional` (welcome) or a condition; `kinds` are the titles that its
    pages may bear: a page titled as a document of another column was put in the wrong one. `by` says that the applicant's
    unit makes and brings it, and where the notice says so; it is then asked for when the unit lets an application go."""

    key: Key
    title: Text
    need: Literal["always", "optional"] | Annotated[str, Field(pattern=r"^when ")] = "always"
    sides: tuple[Text, ...] = ()
    years: tuple[Year, ...] = ()
    parts: tuple[Text, ...] = ()
    pages_min: Annotated[int, Field(gt=0)] = 1
    valid_on_submission: bool = False
    formats: tuple[Format, ...] = ()
    formats_cite: Cited | None = None
    kinds: tuple[DocumentKind, ...] = ()
    instead: Instead | None = None
    by: Brought | None = None

    @property
    def bringer(self) -> Bringer:
        return self.by.role if self.by else "applicant"


class Brought(Cited):
    """Who brings a document that is not the applicant's."""

    role: Literal["unit"]


class Instead(Cited):
    """Another document that will do."""

    items: Annotated[tuple[Key, ...], Field(min_length=1)]


class Choose(Cited):
    """At least k of these items."""

    at_least: Annotated[int, Field(gt=0)]
    of: Annotated[tuple[Key, ...], Field(min_length=2)]
    when: Condition | None = None

    @model_validator(mode="after")
    def _enough(self) -> Choose:
        if self.at_least > len(self.of):
            raise ValueError("at_least大于of的项数")
        return self


class MaterialColumn(Cited):
    """One column of uploads, and whether a panel may see its verified renditions. `max_mb` is a limit of the platform,
    not of the notice, so it cites nothing."""

    key: Key
    title: Text
    panel: Literal["shown", "excluded"]
    excluded_because: str = ""
    max_mb: Annotated[int, Field(gt=0, le=200)] = 20
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    choose: tuple[Choose, ...] = ()
    when: Condition | None = None

    @model_validator(mode="after")
    def _reason(self) -> MaterialColumn:
        if (self.panel == "excluded") != bool(self.excluded_because):
            raise ValueError("excluded须写excluded_because，shown不得写")
        return self


class Formats(Cited):
    allowed: Annotated[tuple[Format, ...], Field(min_length=1)]


class Waivers(Cited):
    """Documents a pledge stands in for: no column may demand them."""

    items: Annotated[tuple[Text, ...], Field(min_length=1)]


class Sharing(Cited):
    """Items not asked for again when the data came from a shared source."""

    items: Annotated[tuple[Key, ...], Field(min_length=1)]


class Materials(Part):
    columns: Annotated[tuple[MaterialColumn, ...], Field(min_length=1)]
    upright: Cited | None = None
    clear: Cited | None = None
    opens: Cited | None = None
    one_per_column: Cited | None = None
    formats: Formats | None = None
    waived: Waivers | None = None
    sharing: Sharing | None = None
    external_list: ExternalList | None = None


class ExternalList(Cited):
    """A list that an annex gives and the notice only names: an officer loads it; nothing is invented meanwhile."""

    title: Text
    loaded: bool


class MaskClass(Cited):
    key: Literal["name", "unit", "photo", "photo_eyes", "id_number", "unit_seal", "phone", "signature"]
    title: Text


class Masking(Part):
    """`profile: none` says the notice states nothing about masking."""

    profile: Literal["required", "none"]
    classes: tuple[MaskClass, ...] = ()
    covers: tuple[Literal["attachments", "fields"], ...] = ()
    yes: Cited | None = None
    no: Cited | None = None
    recheck: Cited | None = None
    blind: Cited | None = None
    fields: Cited | None = None
    failure: Cited | None = None

    @model_validator(mode="after")
    def _whole(self) -> Masking:
        parts = (self.classes, self.covers, self.yes, self.no, self.recheck, self.blind, self.fields, self.failure)
        if self.profile == "none" and any(parts):
            raise ValueError("profile: none时不得写其他项")
        if self.profile == "required" and not (self.classes and self.covers and self.blind):
            raise ValueError("profile: required须写classes、covers与blind")
        return self


class ExactText(Cited):
    """Words that must stand exactly so (compared after folding white space and punctuation width), or any variant."""

    key: Key
    title: Text
    role: Role
    at: Annotated[tuple[Act, ...], Field(min_length=1)]
    when: Condition | None = None
    text: str = ""
    variants: tuple[Variant, ...] = ()
    free: bool = False
    handwritten: bool = False
    fingerprint: Cited | None = None

    @model_validator(mode="after")
    def _words(self) -> ExactText:
        if self.free == bool(self.text):
            raise ValueError("须写text，或写free: true")
        return self


class Variant(Cited):
    text: Text


class PaperItem(Cited):
    """A paper the unit hands in."""

    key: Key
    title: Text
    when: Condition | None = None
    copies: Annotated[int, Field(gt=0)] = 1
    original: bool = False
    seals: tuple[Text, ...] = ()
    signatures: tuple[Text, ...] = ()
    parts: tuple[Text, ...] = ()
    max_age_months: Annotated[int, Field(gt=0)] | None = None
    duplex: bool = False
    watermark: Cited | None = None
    seals_cite: Cited | None = None
    copies_cite: Cited | None = None


class Printing(Cited):
    """When the form may be printed. `panel: false`: nobody sits over it, so it has no box for a committee's opinion."""

    title: Text
    state: Text
    paper: Literal["A4"] = "A4"
    duplex: bool = True
    panel: bool = True


LETTER_WORDS = frozenset(
    {"name", "unit", "series", "specialty", "level", "kind", "since", "until", "days", "contact", "id_number"}
)
_PLACEHOLDER = re.compile(r"{([^{}]*)}")


class Letter(Cited):
    """A paper of the unit whose words an annex of the notice gives. `{name}` and its like are filled in from the record
    (LETTER_WORDS); a line `{told}` stands for what the unit publishes, a paragraph each."""

    key: Literal["publicity", "publicity_result"]
    title: Text
    body: Annotated[tuple[Text, ...], Field(min_length=1)]
    signed: Annotated[tuple[Text, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _known(self) -> Letter:
        lines = (self.title, *(line for line in self.body if line != "{told}"), *self.signed)
        for word in (word for line in lines for word in _PLACEHOLDER.findall(line)):
            if word not in LETTER_WORDS:
                raise ValueError(f"没有“{{{word}}}”这一项，只能用{'、'.join(sorted(LETTER_WORDS))}")
        if any("{" in rest or "}" in rest for rest in (_PLACEHOLDER.sub("", line) for line in lines)):
            raise ValueError("花括号没有成对")
        return self


class Papers(Part):
    printing: Printing | None = None
    items: tuple[PaperItem, ...] = ()
    letters: tuple[Letter, ...] = ()


for _model in (FormField, Section, Item, Materials, ExactText):
    _model.model_rebuild()
