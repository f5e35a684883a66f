"""Hooks for schemathesis: signs in an administrator for the requests that it makes up, and gives
half of them what random text never is.

Made-up requests close accounts, suspend people and sign them out, the administrator who asks
among them. Whenever a token is no longer good, the command line makes another administrator, so
that every operation stays within reach until the end.
"""

import json
import os
import subprocess
import uuid
import zlib
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


def likely(name, value, chance):
    """What gets further than random text: a strong password, a telephone number, the own password."""
    if name in ("password", "new_password") and isinstance(value, str):
        return f"violet-saddle-canyon-{chance}"
    if name == "phone_number" and isinstance(value, str):
        return f"+1555{chance % 10**7:07}"
    return value


@schemathesis.hook
def map_body(context, body):
    if not isinstance(body, dict):
        return body
    chance = zlib.crc32(repr(sorted(body.items(), key=str)).encode())
    # The other half stays as it is: refusals are answers, too.
    if chance % 2:
        return body
    operation = context.operation.definition.raw.get("operationId")
    body = {name: likely(name, value, chance) for name, value in body.items()}
    if operation == "changePassword" and "current_password" in body:
        body["current_password"] = PASSWORD
    if operation == "changeEmail" and "password" in body:
        body["password"] = PASSWORD
    return body
