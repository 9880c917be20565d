"""Names of months and days per language, and the patterns of the styles full, long, medium and short."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Names:
    """Names in one language; weeks start on Monday in all tuples."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    halves: tuple[str, str]
    eras: tuple[str, str, str]
    """Abbreviated, full and narrow name of the present era."""
    styles: dict[str, str]
    quarters: tuple[str, ...]
    """What stands before the number in short, and the long names, `#` for the number; the last one serves the rest."""
    alone: int = 0
    """How many letters a short month has where it stands alone (`L`), 0 for as many as else."""
    sunday_first: bool = True


def _names(months: str, short: str, days: str, short_days: str, halves: str, eras: tuple[str, str, str],
           styles: tuple[str, str, str, str], quarters: tuple[str, ...], alone: int = 0) -> Names:  # fmt: skip
    am, pm = halves.split("|")
    return Names(
        tuple(months.split()),
        tuple(short.split()),
        tuple(days.split()),
        tuple(short_days.split()),
        (am, pm),
        eras,
        dict(zip(("full", "long", "medium", "short"), styles, strict=True)),
        quarters,
        alone,
    )


ENGLISH = _names(
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "Mon Tue Wed Thu Fri Sat Sun",
    "AM|PM",
    ("AD", "Anno Domini", "A"),
    (
        "EEEE, MMMM d, y, h:mm:ss\u202fa zzzz",
        "MMMM d, y, h:mm:ss\u202fa z",
        "MMM d, y, h:mm:ss\u202fa",
        "M/d/yy, h:mm\u202fa",
    ),
    ("Q", "1st quarter", "2nd quarter", "3rd quarter", "#th quarter"),
)
BRITISH = _names(
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "Mon Tue Wed Thu Fri Sat Sun",
    "am|pm",
    ("AD", "Anno Domini", "A"),
    ("EEEE, d MMMM y, HH:mm:ss zzzz", "d MMMM y, HH:mm:ss z", "d MMM y, HH:mm:ss", "dd/MM/y, HH:mm"),
    ENGLISH.quarters,
)
FRENCH = _names(
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lun. mar. mer. jeu. ven. sam. dim.",
    "AM|PM",
    ("ap. J.-C.", "après Jésus-Christ", "ap. J.-C."),
    ("EEEE d MMMM y, HH:mm:ss zzzz", "d MMMM y, HH:mm:ss z", "d MMM y, HH:mm:ss", "dd/MM/y HH:mm"),
    ("T", "1er trimestre", "#e trimestre"),
)
GERMAN = _names(
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "Mo. Di. Mi. Do. Fr. Sa. So.",
    "AM|PM",
    ("n. Chr.", "n. Chr.", "n. Chr."),
    ("EEEE, d. MMMM y, HH:mm:ss zzzz", "d. MMMM y, HH:mm:ss z", "dd.MM.y, HH:mm:ss", "dd.MM.yy, HH:mm"),
    ("Q", "#. Quartal"),
    alone=3,
)
SPANISH = _names(
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sept oct nov dic",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lun mar mié jue vie sáb dom",
    "a.\u00a0m.|p.\u00a0m.",
    ("d. C.", "después de Cristo", "d. C."),
    ("EEEE, d 'de' MMMM 'de' y, H:mm:ss (zzzz)", "d 'de' MMMM 'de' y, H:mm:ss z", "d MMM y, H:mm:ss", "d/M/yy, H:mm"),
    ("T", "1.er trimestre", "2.º trimestre", "3.er trimestre", "#.º trimestre"),
)
ITALIAN = _names(
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "lun mar mer gio ven sab dom",
    "AM|PM",
    ("d.C.", "dopo Cristo", "dC"),
    ("EEEE d MMMM y HH:mm:ss zzzz", "d MMMM y HH:mm:ss z", "d MMM y, HH:mm:ss", "dd/MM/yy, HH:mm"),
    ("T", "#º trimestre"),
)
PORTUGUESE = _names(
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
    "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "seg. ter. qua. qui. sex. sáb. dom.",
    "AM|PM",
    ("d.C.", "depois de Cristo", "d.C."),
    ("EEEE, d 'de' MMMM 'de' y HH:mm:ss zzzz", "d 'de' MMMM 'de' y HH:mm:ss z", "d 'de' MMM 'de' y HH:mm:ss",
     "dd/MM/y HH:mm"),
    ("T", "#º trimestre"),
)  # fmt: skip
DUTCH = _names(
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "ma di wo do vr za zo",
    "a.m.|p.m.",
    ("n.Chr.", "na Christus", "n.C."),
    ("EEEE d MMMM y, HH:mm:ss zzzz", "d MMMM y, HH:mm:ss z", "d MMM y, HH:mm:ss", "dd-MM-y, HH:mm"),
    ("K", "#e kwartaal"),
)
LANGUAGES = {
    "en": ENGLISH, "fr": FRENCH, "de": GERMAN, "es": SPANISH, "it": ITALIAN, "pt": PORTUGUESE, "nl": DUTCH,
}  # fmt: skip


BRITISH_REGIONS = frozenset({"GB", "IE"})
SUNDAY = frozenset({"", "US", "CA", "MX", "BR", "JP", "KR", "IN", "IL", "TW", "HK", "ZA", "CO", "PE", "VE"})
"""Regions whose weeks begin on Sunday and whose first week has the first of January; so does a bare language."""


@lru_cache(maxsize=64)
def names(locale: str) -> Names:
    """The names of a locale such as `fr` or `fr-FR`; English for a language that is not known."""
    language, _, region = locale.replace("_", "-").partition("-")
    region = region.upper()
    found = LANGUAGES.get(language.lower(), ENGLISH)
    if found is ENGLISH and region in BRITISH_REGIONS:
        found = BRITISH
    return replace(found, sunday_first=region in SUNDAY)
