"""What whoever is signed in has seen of the answers, and made-up requests have not."""

import base64
import hmac
import time


class Knowledge:
    """Of the administrator who is there right now."""

    def __init__(self, password):
        self.password = password
        self.begin(None, {})

    def begin(self, name, tokens):
        """Somebody else is there, without a second factor."""
        self.name, self.refresh_token = name, tokens.get("refresh_token")
        self.secret, self.mfa_token, self.recovery_codes = None, None, []
        self.api_keys, self.deleted, self.reset_tokens = [], [], []

    def code(self):
        """A recovery code, or six digits (RFC 6238), which are good once in 30 seconds."""
        if self.recovery_codes:
            return self.recovery_codes.pop()
        key = base64.b32decode(self.secret)
        digest = hmac.digest(key, (int(time.time()) // 30).to_bytes(8, "big"), "sha1")
        start = digest[19] & 15
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
        return f"{number % 10**6:06}"

    def body(self, operation, body):
        """The body with what is right, where it is known."""
        match operation:
            case "enrolTotp":
                return {"password": self.password}
            case "confirmTotp" if self.secret:
                return {"code": self.code()}
            case "disableTotp" | "renewRecoveryCodes" if self.recovery_codes:
                return {"password": self.password, "code": self.code()}
            case "login" if self.name:
                return {"identifier": self.name, "password": self.password}
            case "issueToken" if self.name:
                return {"grant_type": "password", "username": self.name, "password": self.password}
            case "refresh" if self.refresh_token:
                return {"refresh_token": self.refresh_token}
            case "resetPassword" if self.reset_tokens:
                return {"token": self.reset_tokens.pop(), "new_password": "amber-gravel-window-6"}
            case "verifyMfa" if self.mfa_token and self.recovery_codes:
                return {"mfa_token": self.mfa_token, "code": self.code()}
        return body

    def path(self, operation, parameters):
        """The parameters in the path, likewise."""
        if operation == "revokeApiKey" and self.api_keys:
            return {"id": self.api_keys.pop()}
        if operation == "restoreUser" and self.deleted:
            return {"id": self.deleted.pop()}
        return parameters

    def learn(self, operation, parameters, response):
        """Notes what an answer shows once."""
        match operation, response.status_code:
            case "enrolTotp", 201:
                self.secret, self.recovery_codes = response.json()["secret"], []
            case "confirmTotp" | "renewRecoveryCodes", 200:
                self.recovery_codes = response.json()["recovery_codes"]
            case "disableTotp", 204:
                self.secret, self.recovery_codes = None, []
            case "login" | "issueToken", 403:
                self.mfa_token = response.json().get("mfa_token")
            case "login" | "refresh", 200:
                self.refresh_token = response.json()["refresh_token"]
            case "createApiKey", 201:
                self.api_keys.append(response.json()["id"])
            case "startPasswordReset", 201:
                self.reset_tokens.append(response.json()["token"])
            case "deleteUser", 204:
                self.deleted.append(parameters["id"])
