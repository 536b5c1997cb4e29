"""Programs at random, held against PHP: ``python tests/fuzz --seed 1 --count 1000 --level 2``.

Level 1 are expressions, 2 statements, 3 files of configuration that run for several worlds at once (and in PHP once for each). Every
program that is answered with a value that PHP does not have is made smaller and printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.fuzz.campaign import Campaign
from support.fuzz.php import Php

_TOGETHER = {1: 1, 2: 10, 3: 2}
"""So many programs are asked for at once, by level: PHP runs them while they are evaluated here."""
_TELLING = 60
"""Seconds between two lines that say how it goes."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--level", type=int, choices=(1, 2, 3), default=2)
    parser.add_argument("--faults", type=int, default=20, help="stop after so many")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    options = parser.parse_args()
    began = time.monotonic()
    with Php() as php:
        campaign = Campaign(php, options.level)
        told, tellings = 0, 0.0
        together = _TOGETHER[options.level]
        for number in range(0, options.count, together):
            first = options.seed * 1_000_000 + number
            campaign.some(range(first, first + min(together, options.count - number)))
            for fault in campaign.faults[told:]:
                print(fault, flush=True)
            told = len(campaign.faults)
            if time.monotonic() - began > tellings:
                tellings += _TELLING
                print(f"level {options.level}, seed {options.seed}, so far: {campaign.counts()}", flush=True)
            if len(campaign.faults) >= options.faults or time.monotonic() - began > options.seconds:
                break
    print(f"level {options.level}, seed {options.seed}: {campaign.counts()}, {time.monotonic() - began:.0f} s")
    return 1 if campaign.faults else 0


if __name__ == "__main__":
    sys.exit(main())
