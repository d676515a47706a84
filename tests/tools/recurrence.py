"""What python-dateutil and zoneinfo say of random series of visits.

Prints a digest for each time zone, over the instants of 20,000 random series. The same series are
made and expanded by src/cleaning/scheduling/laws.rs, which compares the digests with those that
are kept in tests/cleaning/recurrence.tsv:

    python3 tests/tools/recurrence.py > tests/cleaning/recurrence.tsv

needs python-dateutil. With a number it prints that series instead, to see where they part:

    python3 tests/tools/recurrence.py 4711

The years are past, so that a new edition of the time-zone data changes nothing.
"""

import datetime
import sys
import zoneinfo

from dateutil import rrule

ZONES = """
Africa/Cairo Africa/Johannesburg Africa/Lagos Africa/Nairobi America/Anchorage
America/Argentina/Buenos_Aires America/Bogota America/Chicago America/Denver America/Halifax
America/Havana America/Los_Angeles America/Mexico_City America/New_York America/Phoenix
America/Santiago America/Sao_Paulo America/St_Johns Asia/Amman Asia/Beirut
Asia/Dhaka Asia/Hong_Kong Asia/Kathmandu Asia/Kolkata Asia/Tehran
Asia/Tokyo Atlantic/Azores Australia/Adelaide Australia/Brisbane Australia/Lord_Howe
Australia/Sydney Europe/Dublin Europe/Istanbul Europe/Lisbon Europe/London
Europe/Moscow Europe/Paris Pacific/Apia Pacific/Auckland Pacific/Chatham
""".split()
RULES = 20_000
VISITS = 12
WEEKDAYS = [rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA]
MASK = 2**64 - 1


def splitmix64(state):
    """Random numbers that every language makes alike."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        yield mixed ^ (mixed >> 31)


def series(number):
    """The zone and the visits of a series: (start, end) in UTC."""
    random = splitmix64(number)
    below = lambda bound: next(random) % bound
    zone = zoneinfo.ZoneInfo(ZONES[number % len(ZONES)])
    anchor = datetime.datetime(2005, 1, 1) + datetime.timedelta(days=below(6000))
    anchor += datetime.timedelta(minutes=5 * below(288))
    minutes = 15 + 15 * below(40)
    kind = below(8)
    bits = 1 + below(127)

    day = anchor.day
    weekday = WEEKDAYS[anchor.isoweekday() % 7]
    if kind == 0:
        rule = [anchor]
    elif kind <= 4:
        rule = rrule.rrule(rrule.WEEKLY, dtstart=anchor, interval=kind, byweekday=weekday)
    elif kind == 5:
        nth = (day + 6) // 7
        nth = -1 if nth == 5 else nth
        rule = rrule.rrule(rrule.MONTHLY, dtstart=anchor, byweekday=weekday(nth))
    elif kind == 6 and day <= 28:
        rule = rrule.rrule(rrule.MONTHLY, dtstart=anchor, bymonthday=day)
    elif kind == 6:
        days = range(28, day + 1)
        rule = rrule.rrule(rrule.MONTHLY, dtstart=anchor, bymonthday=days, bysetpos=-1)
    else:
        days = [one for bit, one in enumerate(WEEKDAYS) if bits >> bit & 1]
        rule = rrule.rrule(rrule.WEEKLY, dtstart=anchor, byweekday=days)

    visits = []
    for local, _ in zip(rule, range(VISITS)):
        # Without a fold the first of two times is meant, and what lies in a gap moves forward.
        start = local.replace(tzinfo=zone).astimezone(datetime.timezone.utc)
        visits.append((start, start + datetime.timedelta(minutes=minutes)))
    return zone, visits


def digest(state, number):
    """FNV-1a over the eight bytes of a number, the lowest first."""
    for byte in (number & MASK).to_bytes(8, "little"):
        state = ((state ^ byte) * 0x100000001B3) & MASK
    return state


def main():
    if len(sys.argv) > 1:
        zone, visits = series(int(sys.argv[1]))
        for start, end in visits:
            print(zone.key, start.isoformat(), end.astimezone(zone).isoformat())
        return
    for index, name in enumerate(ZONES):
        state = 0xCBF29CE484222325
        for number in range(index, RULES, len(ZONES)):
            zone, visits = series(number)
            for start, end in visits:
                wall = end.astimezone(zone)
                state = digest(state, int(start.timestamp()))
                state = digest(state, wall.hour * 60 + wall.minute)
        print(f"{name}\t{state:016x}")


main()
