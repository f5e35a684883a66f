//! Every code that a problem can have: one table for the answers, the pages
//! behind their `type` and the documentation.

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The stable code.
    pub code: &'static str,
    /// The status that it comes with.
    pub status: u16,
    /// What happened, in short; the same for every problem of this code.
    pub title: &'static str,
    /// What it means and what to do.
    pub explanation: &'static str,
}

/// The entry of a code.
pub fn find(code: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.code == code)
}

const fn entry(
    status: u16,
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
) -> Entry {
    Entry {
        code,
        status,
        title,
        explanation,
    }
}

/// All of them, by status.
pub const CATALOGUE: &[Entry] = &[
    entry(
        400,
        "malformed_body",
        "The body cannot be read",
        "The body is not what its content type promises: not JSON in UTF-8, something after its end, a member twice, or nested too deeply. Nothing was done.",
    ),
    entry(
        400,
        "bad_request",
        "The request cannot be understood",
        "The request breaks a rule of HTTP, or a browser asked for something that the configured origins do not allow. Nothing was done.",
    ),
    entry(
        401,
        "not_authenticated",
        "Nobody is signed in",
        "The operation needs an access token and none was sent. Sign in and send it as `Authorization: Bearer …`.",
    ),
    entry(
        401,
        "invalid_token",
        "The access token is not valid",
        "The access token is malformed, expired, or its session has ended. Refresh once; where that fails too, sign in again.",
    ),
    entry(
        401,
        "invalid_refresh_token",
        "The refresh token is not valid",
        "The refresh token is unknown, expired, or was used before. Sign in again.",
    ),
    entry(
        401,
        "invalid_mfa_token",
        "The sign-in has to begin again",
        "The `mfa_token` of the first step is unknown, expired, was used before, or the account has changed since. Sign in again.",
    ),
    entry(
        401,
        "invalid_credentials",
        "The identifier or the password is wrong",
        "Nobody can sign in with this identifier and password. The answer is the same for an unknown account, a wrong password and an account that may not sign in. In the second step of a sign-in it is the code that is wrong; the `mfa_token` can be used again.",
    ),
    entry(
        403,
        "forbidden",
        "Not allowed",
        "The caller is known and may not do this: it needs an administrator, or a key with another scope.",
    ),
    entry(
        403,
        "wrong_password",
        "The current password is wrong",
        "The operation asks for the current password again, and it was another one.",
    ),
    entry(
        403,
        "registration_closed",
        "Registration is closed",
        "People cannot make accounts here themselves. Ask an administrator for one.",
    ),
    entry(
        403,
        "email_not_verified",
        "The e-mail address is not verified",
        "The password is right, but the address has to be verified before anybody can sign in. Ask for another mail where the first one was lost.",
    ),
    entry(
        403,
        "session_required",
        "A session is needed",
        "Sessions, keys and whatever else opens the account are seen and changed by somebody who has signed in, not by a key.",
    ),
    entry(
        403,
        "mfa_required",
        "A second factor is needed",
        "The password is right. Send `mfa_token` with a code of the app, or with a recovery code, to `POST /api/v1/auth/mfa/verify` within `expires_in` seconds; `mfa_methods` says what is taken.",
    ),
    entry(
        403,
        "wrong_code",
        "The code is wrong",
        "The code of the second factor is not the current one, or was used before.",
    ),
    entry(
        403,
        "mfa_unavailable",
        "A second factor cannot be set up",
        "This server has no key to keep second factors with. Ask whoever runs it.",
    ),
    entry(
        404,
        "not_found",
        "There is nothing here",
        "No such path. The OpenAPI document at /openapi.json lists every one.",
    ),
    entry(
        404,
        "user_not_found",
        "No such user",
        "There is no such user, or none that the caller may see. A malformed id counts as unknown.",
    ),
    entry(
        404,
        "session_not_found",
        "No such session",
        "There is no such session of the caller's. A malformed id counts as unknown.",
    ),
    entry(
        404,
        "api_key_not_found",
        "No such API key",
        "There is no such key of the caller's. A malformed id counts as unknown.",
    ),
    entry(
        405,
        "method_not_allowed",
        "The method is not allowed",
        "The path exists, but not for this method. The header `Allow` lists those that it knows.",
    ),
    entry(
        408,
        "body_timeout",
        "The body did not arrive in time",
        "The body came too slowly and the connection is closed. Nothing was done.",
    ),
    entry(
        409,
        "username_taken",
        "The username is taken",
        "Another account has this username. Every identifier that is taken stands in `errors`.",
    ),
    entry(
        409,
        "email_taken",
        "The e-mail address is taken",
        "Another account has this address. Every identifier that is taken stands in `errors`.",
    ),
    entry(
        409,
        "phone_number_taken",
        "The phone number is taken",
        "Another account has this phone number. Every identifier that is taken stands in `errors`.",
    ),
    entry(
        409,
        "external_id_taken",
        "The external id is taken",
        "Another account has this external id. Every identifier that is taken stands in `errors`.",
    ),
    entry(
        409,
        "last_admin",
        "The last administrator stays",
        "It would leave nobody who can administer. Make somebody else an administrator first.",
    ),
    entry(
        409,
        "user_deleted",
        "The user is deleted",
        "A deleted user cannot be changed. Restore it first.",
    ),
    entry(
        409,
        "not_deleted",
        "The user is not deleted",
        "Only a deleted user can be restored or purged.",
    ),
    entry(
        409,
        "mfa_already_enabled",
        "There is a second factor already",
        "A second factor is set up. Turn it off before another one is set up.",
    ),
    entry(
        409,
        "mfa_not_enabled",
        "There is no second factor",
        "No second factor is set up that could be confirmed, changed or turned off.",
    ),
    entry(
        409,
        "edit_conflict",
        "Somebody else was faster",
        "The same thing was changed at the same time, again and again. Read it and try once more.",
    ),
    entry(
        412,
        "version_mismatch",
        "The version is not the current one",
        "`If-Match` names a version that is no longer current. Read the resource again and decide on what it is now.",
    ),
    entry(
        413,
        "body_too_large",
        "The body is too large",
        "The body is larger than what is accepted. Nothing was done.",
    ),
    entry(
        415,
        "unsupported_media_type",
        "The content type is not supported",
        "The header `Content-Type` is missing or names a type that this operation does not read.",
    ),
    entry(
        422,
        "validation_failed",
        "The input breaks a rule",
        "The input can be read, but members or parameters break rules. All of them stand in `errors`, each with a code and a sentence.",
    ),
    entry(
        422,
        "token_invalid",
        "The token is not valid",
        "The token that was mailed or handed out is unknown, expired, or was used before. Ask for another one.",
    ),
    entry(
        429,
        "too_many_requests",
        "Too many requests",
        "It was tried too often. Wait for as long as `Retry-After` says.",
    ),
    entry(
        500,
        "internal",
        "Something went wrong",
        "A fault on this side. It is logged under the id of the request; quoting `request_id` helps to find it.",
    ),
    entry(
        503,
        "storage_unavailable",
        "The storage does not answer",
        "The database does not answer. Try again after the time that `Retry-After` says.",
    ),
    entry(
        503,
        "overloaded",
        "Too much to do",
        "The request could not be finished in bounded time. Try again after the time that `Retry-After` says.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_sorted_by_status() {
        for pair in CATALOGUE.windows(2) {
            assert!(pair[0].status <= pair[1].status, "{}", pair[1].code);
        }
        for entry in CATALOGUE {
            assert_eq!(find(entry.code), Some(entry), "{} stands twice", entry.code);
            assert!(entry.explanation.ends_with('.'), "{}", entry.code);
        }
    }
}
