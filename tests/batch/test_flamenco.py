# SPDX-License-Identifier: GPL-3.0-or-later
"""Flamenco's job type, compiled by a stand-in for its manager, and the submission to one."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from mien.cli.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
FARM = ROOT / "farm" / "flamenco"
STUB = Path(__file__).with_name("flamenco_stub.js")


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """A jobs file with three jobs whose footage is text."""
    (tmp_path / "text.mp4").write_text("no video")
    path = tmp_path / "jobs.csv"
    path.write_text("footage,output\n" + "".join(f"text.mp4,out/{n}.blend\n" for n in "abc"))
    return path


def compiled(settings: dict[str, str]) -> Any:
    """What the job compiler makes of some settings.

    Raises:
        CalledProcessError: it threw.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed; the job type cannot be run")
    words = [node, str(STUB), str(FARM / "mien_batch.js"), json.dumps(settings)]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def test_each_job_becomes_a_task_that_runs_it_alone(
    jobs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["batch", str(jobs), "--list"]) == 0
    names = capsys.readouterr().out
    made = compiled({"jobs_file": str(jobs), "names": names})
    assert [t["name"] for t in made["tasks"]] == ["a", "b", "c"]
    assert {t["type"] for t in made["tasks"]} == {"blender"}
    command = made["tasks"][1]["commands"][0]
    assert command["name"] == "exec"
    assert command["parameters"]["exe"] == "{blender}"
    words = command["parameters"]["args"]
    assert words[:3] == ["-b", "--command", "mien"]
    assert main(words[3:]) == 1  # what the worker would run: this job, and no other
    assert "text.mp4" in capsys.readouterr().err
    assert {p.name for p in Path(f"{jobs}.state").iterdir()} == {"b.json", "b.lock"}


def test_a_submission_without_names_is_refused(jobs: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        compiled({"jobs_file": str(jobs), "names": " \n"})
    assert "no names of jobs" in caught.value.stderr


class Manager(BaseHTTPRequestHandler):
    """Takes jobs as a manager does, or refuses those of another type."""

    received: list[Any]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.received.append((self.path, body))
        known = body["type"] == "mien-batch" and self.path == "/api/v3/jobs"
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"id": "job-1"}).encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def manager() -> Iterator[str]:
    """The address of a manager on this machine."""
    Manager.received = []
    server = HTTPServer(("127.0.0.1", 0), Manager)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def submitted(jobs: Path, names: str, address: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(FARM / "submit.py"), str(jobs), "--manager", address]
    return subprocess.run(words, input=names, capture_output=True, text=True, check=False)


def test_a_batch_is_submitted_and_compiles(jobs: Path, manager: str) -> None:
    done = submitted(jobs, "a\nb\nc\n", manager)
    assert (done.returncode, done.stdout) == (0, "job-1\n")
    path, body = Manager.received[0]
    assert path == "/api/v3/jobs"
    assert body["name"] == "jobs"
    assert body["submitter_platform"] in ("linux", "windows", "darwin")
    made = compiled(body["settings"])
    keys = {setting["key"] for setting in made["job_type"]["settings"]}
    assert set(body["settings"]) == keys
    assert len(made["tasks"]) == 3


def test_what_goes_wrong_with_the_manager_is_said(jobs: Path, manager: str) -> None:
    assert "No names" in submitted(jobs, "", manager).stderr
    assert "refused" in submitted(jobs, "a", f"{manager}/elsewhere").stderr
    assert "No Flamenco manager answers" in submitted(jobs, "a", "http://127.0.0.1:9").stderr
