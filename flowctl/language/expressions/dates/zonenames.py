"""Names of time zones in English, as Java prints them."""

from __future__ import annotations

LONG_NAMES = {
    "UTC": "Coordinated Universal Time",
    "GMT": "Greenwich Mean Time",
    "BST": "British Summer Time",
    "WET": "Western European Standard Time",
    "WEST": "Western European Summer Time",
    "CET": "Central European Standard Time",
    "CEST": "Central European Summer Time",
    "EET": "Eastern European Standard Time",
    "EEST": "Eastern European Summer Time",
    "MSK": "Moscow Standard Time",
    "IST": "India Standard Time",
    "PKT": "Pakistan Standard Time",
    "HKT": "Hong Kong Standard Time",
    "WIB": "Western Indonesia Time",
    "WITA": "Central Indonesia Time",
    "WIT": "Eastern Indonesia Time",
    "JST": "Japan Standard Time",
    "KST": "Korean Standard Time",
    "AEST": "Australian Eastern Standard Time",
    "AEDT": "Australian Eastern Daylight Time",
    "ACST": "Australian Central Standard Time",
    "ACDT": "Australian Central Daylight Time",
    "AWST": "Australian Western Standard Time",
    "NZST": "New Zealand Standard Time",
    "NZDT": "New Zealand Daylight Time",
    "NST": "Newfoundland Standard Time",
    "NDT": "Newfoundland Daylight Time",
    "AST": "Atlantic Standard Time",
    "ADT": "Atlantic Daylight Time",
    "EST": "Eastern Standard Time",
    "EDT": "Eastern Daylight Time",
    "CST": "Central Standard Time",
    "CDT": "Central Daylight Time",
    "MST": "Mountain Standard Time",
    "MDT": "Mountain Daylight Time",
    "PST": "Pacific Standard Time",
    "PDT": "Pacific Daylight Time",
    "AKST": "Alaska Standard Time",
    "AKDT": "Alaska Daylight Time",
    "HST": "Hawaii-Aleutian Standard Time",
    "CAT": "Central Africa Time",
    "EAT": "East Africa Time",
    "WAT": "West Africa Standard Time",
    "SAST": "South Africa Standard Time",
}
"""By short name."""
REGIONS = {
    "Asia/Shanghai": "China Standard Time",
    "Asia/Taipei": "Taiwan Standard Time",
    "Asia/Manila": "Philippine Standard Time",
    "Asia/Jerusalem": "Israel Standard Time|Israel Daylight Time",
    "Asia/Dubai": "Gulf Standard Time",
    "Asia/Singapore": "Singapore Standard Time",
    "Asia/Kuala_Lumpur": "Malaysia Time",
    "Asia/Bangkok": "Indochina Time",
    "Asia/Ho_Chi_Minh": "Indochina Time",
    "Asia/Dhaka": "Bangladesh Standard Time",
    "Asia/Kathmandu": "Nepal Time",
    "Asia/Riyadh": "Arabian Standard Time",
    "Asia/Baghdad": "Arabian Standard Time",
    "Asia/Kuwait": "Arabian Standard Time",
    "Asia/Qatar": "Arabian Standard Time",
    "Asia/Tehran": "Iran Standard Time",
    "Asia/Almaty": "Kazakhstan Time",
    "Asia/Tashkent": "Uzbekistan Standard Time",
    "Europe/Dublin": "Greenwich Mean Time|Irish Standard Time",
    "Europe/Istanbul": "Istanbul Standard Time",
    "Atlantic/Azores": "Azores Standard Time|Azores Summer Time",
    "America/Sao_Paulo": "Brasilia Standard Time",
    "America/Argentina/Buenos_Aires": "Argentina Standard Time",
    "America/Bogota": "Colombia Standard Time",
    "America/Lima": "Peru Standard Time",
    "America/Santiago": "Chile Standard Time|Chile Summer Time",
    "America/Caracas": "Venezuela Time",
    "America/Montevideo": "Uruguay Standard Time",
}
"""By id, where the short name does not say it: the name in winter, and in summer where it is another."""
GENERIC = {
    "BST": "GMT", "WEST": "WET", "CEST": "CET", "EEST": "EET", "JST": "JT",
    **{name: name[:-2] + "T" for name in LONG_NAMES if name[-2:] in ("ST", "DT") and name[:-2] in
       {"E", "C", "M", "P", "A", "AK", "N", "AE", "AC", "AW", "NZ"}},
}  # fmt: skip
"""Short names without the season."""

CITIES = {
    "America/New_York": "EST EDT ET", "America/Chicago": "CST CDT CT", "America/Denver": "MST MDT MT",
    "America/Los_Angeles": "PST PDT PT", "America/Anchorage": "AKST AKDT AKT", "America/Halifax": "AST ADT AT",
    "America/St_Johns": "NST NDT NT", "Pacific/Honolulu": "HST", "Europe/London": "BST", "Europe/Lisbon": "WET WEST",
    "Europe/Paris": "CET CEST", "Europe/Bucharest": "EET EEST", "Europe/Moscow": "MSK", "Asia/Kolkata": "IST",
    "Asia/Karachi": "PKT", "Asia/Hong_Kong": "HKT", "Asia/Jakarta": "WIB", "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT", "Asia/Tokyo": "JST", "Asia/Seoul": "KST", "Australia/Sydney": "AEST AEDT AET",
    "Australia/Adelaide": "ACST ACDT ACT", "Australia/Perth": "AWST AWT", "Pacific/Auckland": "NZST NZDT NZT",
    "Africa/Maputo": "CAT", "Africa/Nairobi": "EAT", "Africa/Lagos": "WAT", "Africa/Johannesburg": "SAST",
}  # fmt: skip
"""Where the short names are used; of a name that several countries have, the one that Java reads in English."""


def _ids() -> dict[str, str]:
    found = {short: city for city, names in CITIES.items() for short in names.split()}
    for short, name in LONG_NAMES.items():
        if short in found:
            found[name] = found[without_season(name)] = found[short]
    return found


def read_name(text: str, pos: int) -> str | None:
    """The longest name of a zone that stands at a place of a text and ends with its word."""
    fitting = (name for name in IDS if text.startswith(name, pos) and not text[pos + len(name) :][:1].isalnum())
    return max(fitting, key=len, default=None)


def long_name(short: str, region: str, summer: bool) -> str | None:
    """The long name of a zone in a season; None where none is known."""
    if region in REGIONS:
        winter, _, warm = REGIONS[region].partition("|")
        return warm if summer and warm else winter
    return LONG_NAMES.get(short)


def without_season(name: str) -> str:
    """`Central European Time` for `Central European Summer Time`."""
    for season in (" Standard", " Daylight", " Summer"):
        name = name.replace(season + " Time", " Time")
    return name


IDS = _ids()
"""The id of a zone by its short or long name."""
