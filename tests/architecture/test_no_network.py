"""A page is redacted in an empty network namespace, and not one packet is tried."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

ALONE = ["unshare", "--map-root-user", "--net"]
PROGRAM = """
import json, sys
from pathlib import Path
import cv2, numpy as np
from mangping.identity import Identity
from mangping_redaction.page import Ask
from mangping_redaction.pipeline import redact

def packets():
    lines = Path("/proc/net/snmp").read_text().splitlines()
    pairs = zip(lines[::2], lines[1::2])
    told = {name.split(":")[0]: dict(zip(name.split()[1:], value.split()[1:])) for name, value in pairs}
    wanted = ["Ip.OutRequests", "Ip.OutNoRoutes", "Tcp.ActiveOpens", "Udp.OutDatagrams"]
    return [int(told[group][key]) for group, key in (name.split(".") for name in wanted)]

tried = []
sys.addaudithook(lambda event, args: tried.append(event) if event in ("socket.connect", "socket.getaddrinfo") else None)
page = np.full((700, 500, 3), 255, np.uint8)
cv2.putText(page, "WANG FANG", (60, 200), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
before = packets()
[rendition] = redact(cv2.imencode(".png", page)[1].tobytes(), Ask(Identity(names=("Wang Fang",))))
print(json.dumps({
    "links": [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]],
    "size": [rendition.record["width"], rendition.record["height"]], "tried": tried,
    "packets": [now - then for now, then in zip(packets(), before)],
}))
"""


def _allowed() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _allowed(), reason="this machine does not let us make a network namespace")
def test_a_page_is_redacted_without_any_network() -> None:
    done = subprocess.run([*ALONE, sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert [link for link in told["links"] if link != "lo"] == []
    assert (told["size"], told["tried"], told["packets"]) == ([500, 700], [], [0, 0, 0, 0])
