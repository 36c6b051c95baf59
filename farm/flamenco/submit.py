# SPDX-License-Identifier: GPL-3.0-or-later
"""Submits a batch to Flamenco: ``mien batch JOBS --list | python submit.py JOBS --manager URL``.

Needs nothing but Python. The names of the jobs come in on standard input.
"""

import argparse
import json
import platform
import sys
import urllib.error
import urllib.request
from pathlib import Path

JOB_TYPE = "mien-batch"
PLATFORMS = {"Linux": "linux", "Windows": "windows", "Darwin": "darwin"}
TIMEOUT = 30


def submission(jobs: Path, names: list[str], title: str) -> dict[str, object]:
    """What Flamenco's manager is sent."""
    return {
        "name": title,
        "type": JOB_TYPE,
        "priority": 50,
        "submitter_platform": PLATFORMS[platform.system()],
        "settings": {"jobs_file": str(jobs), "names": " ".join(names), "blender": "{blender}"},
        "metadata": {"project": jobs.parent.name},
    }


def submit(manager: str, body: dict[str, object]) -> str:
    """Send a job to the manager; the id that it gives it.

    Raises:
        SystemExit: it cannot be reached, or refuses the job.
    """
    request = urllib.request.Request(
        f"{manager.rstrip('/')}/api/v3/jobs",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return str(json.load(answer)["id"])
    except urllib.error.HTTPError as error:
        raise SystemExit(f"The manager refused the job: {error.read().decode()}") from error
    except (OSError, ValueError, KeyError) as error:
        raise SystemExit(f"No Flamenco manager answers at {manager} ({error}).") from error


def main() -> None:
    """Read names, submit, print the id."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("jobs", type=Path, help="jobs file, where the workers see it too")
    parser.add_argument("--manager", required=True, metavar="URL", help="address of the manager")
    parser.add_argument("--title", help="name of the job in Flamenco (default: the file's)")
    arguments = parser.parse_args()
    names = sys.stdin.read().split()
    if not names:
        raise SystemExit("No names came in; pipe `mien batch JOBS --list` into this.")
    jobs = arguments.jobs.absolute()
    body = submission(jobs, names, arguments.title or jobs.stem)
    print(submit(arguments.manager, body))


if __name__ == "__main__":
    main()
