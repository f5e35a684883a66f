"""Hooks for schemathesis: signs in an administrator for the requests that it makes up, and gives
half of them what random text never is.

Made-up requests close accounts, suspend people and sign them out, the administrator who asks
among them. Whenever a token is no longer good, the command line makes another administrator, so
that every operation stays within reach until the end.
"""

import itertools
import json
import os
import subprocess
import sys
import uuid
import zlib
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import schemathesis

sys.path.insert(0, str(Path(__file__).parent))
from knowledge import Knowledge  # noqa: E402

BASE_URL = os.environ["USERHUB_URL"]
USERHUB = os.environ["USERHUB_PROGRAM"]
# Not the password of the examples: with that, e-mail addresses would be changed all the time.
PASSWORD = "quiet-lantern-meadow-41"

knowledge = Knowledge(PASSWORD)
numbers = itertools.count()


def send(path, body, tokens=None):
    headers = {"Content-Type": "application/json"}
    if tokens is not None:
        headers["Authorization"] = f"Bearer {tokens['access_token']}"
    request = Request(f"{BASE_URL}/api/v1/auth/{path}", json.dumps(body).encode(), headers)
    try:
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except HTTPError as refusal:
        return json.load(refusal)


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
        tokens = send("login", {"identifier": name, "password": PASSWORD})
        knowledge.begin(name, tokens)
        # Of three, one has no second factor, one is about to have one, and one has it.
        steps = next(numbers) % 3
        if steps > 0:
            enrolled = send("mfa/totp", {"password": PASSWORD}, tokens)
            knowledge.secret = enrolled["secret"]
        if steps > 1:
            confirmed = send("mfa/totp/confirm", {"code": knowledge.code()}, tokens)
            knowledge.recovery_codes = confirmed["recovery_codes"]
            challenge = send("login", {"identifier": name, "password": PASSWORD})
            knowledge.mfa_token = challenge["mfa_token"]
        key = send("api-keys", {"name": "a robot", "scopes": ["read"]}, tokens)
        knowledge.api_keys.append(key["id"])
        return tokens["access_token"]

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


def operation_id(operation):
    return operation.definition.raw.get("operationId")


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
    operation = operation_id(context.operation)
    body = {name: likely(name, value, chance) for name, value in body.items()}
    if operation == "changePassword" and "current_password" in body:
        body["current_password"] = PASSWORD
    if operation == "changeEmail" and "password" in body:
        body["password"] = PASSWORD
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    # When it is sent, not when it is made up: codes live for a minute.
    operation = operation_id(case.operation)
    if zlib.crc32(repr((case.body, case.path_parameters)).encode()) % 2:
        return
    if isinstance(case.body, dict):
        case.body = knowledge.body(operation, case.body)
    case.path_parameters = knowledge.path(operation, case.path_parameters)


@schemathesis.hook
def after_call(context, case, response):
    knowledge.learn(operation_id(case.operation), case.path_parameters, response)
