"""Hooks for schemathesis: signs in an administrator for the requests that it makes up.

Made-up requests close accounts, suspend people and sign them out, the administrator who asks
among them. Whenever a token is no longer good, the command line makes another administrator, so
that every operation stays within reach until the end.
"""

import json
import os
import subprocess
import uuid
from urllib.request import Request, urlopen

import schemathesis

BASE_URL = os.environ["USERHUB_URL"]
USERHUB = os.environ["USERHUB_PROGRAM"]
# Not the password of the examples: with that, e-mail addresses would be changed all the time.
PASSWORD = "quiet-lantern-meadow-41"


@schemathesis.auth(refresh_interval=20, retry_on=[401])
class Administrator:
    """The access token of an administrator who is there for a while."""

    def get(self, case, context):
        name = f"operator-{uuid.uuid4().hex[:12]}"
        subprocess.run(
            [USERHUB, "create-admin", "--username", name, "--password-stdin"],
            input=PASSWORD + "\n",
            text=True,
            check=True,
            capture_output=True,
            timeout=30,
        )
        body = json.dumps({"identifier": name, "password": PASSWORD}).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{BASE_URL}/api/v1/auth/login", body, headers)
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)["access_token"]

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
