"""Cron expressions as schedules of flows use them: five fields, six with seconds, nicknames, `L`; zones with
daylight saving."""

from flowctl.language.cron.expression import Cron, parse_cron
from flowctl.language.cron.fields import CronError
from flowctl.language.cron.zones import zone

__all__ = ["Cron", "CronError", "parse_cron", "zone"]
