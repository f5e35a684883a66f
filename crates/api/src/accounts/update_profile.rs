//! `PATCH` and `PUT /users/me`

use actix_web::{HttpResponse, patch, put};
use garde::Validate;
use serde::{Deserialize, de::IgnoredAny};
use userhub_domain::{
    accounts::{UpdateProfileCommand, UpdateProfileInput},
    audit::Origin,
    caller::SignedIn,
    rules::Rules,
    users::Change,
    violation::Violations,
};
use utoipa::ToSchema;

use crate::{
    http::{
        Answer, Body, Caller, IfMatch, MayWrite, MergePatch, RequestOrigin, deprecated, three_state,
    },
    state::State,
    views::{UserView, with_etag},
};

use super::update::{PASSWORD_FLOW, refuse};

/// What people change on their own account: an absent member stays, null
/// clears.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateProfile, example = json!({"last_name": "Liddell", "phone_number": null}))]
pub(crate) struct UpdateProfileBody {
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 32, pattern = "^[A-Za-z][A-Za-z0-9._-]*$")]
    username: Change<String>,
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 100)]
    first_name: Change<String>,
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 100)]
    last_name: Change<String>,
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 40)]
    phone_number: Change<String>,
    /// Known only to be refused with a pointer to where it is changed.
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(ignore)]
    email: Change<IgnoredAny>,
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(ignore)]
    password: Change<IgnoredAny>,
}

impl UpdateProfileBody {
    fn parse(self, rules: &Rules) -> Result<UpdateProfileCommand, Violations> {
        let mut violations = Violations::new();
        refuse(
            &mut violations,
            "email",
            self.email.is_given(),
            "is changed by POST /api/v1/auth/email/change",
        );
        refuse(
            &mut violations,
            "password",
            self.password.is_given(),
            PASSWORD_FLOW,
        );
        let input = UpdateProfileInput {
            username: self.username,
            first_name: self.first_name,
            last_name: self.last_name,
            phone_number: self.phone_number,
        };
        match UpdateProfileCommand::parse(input, rules) {
            Ok(command) => violations.into_result().map(|()| command),
            Err(more) => {
                violations.merge(more);
                Err(violations)
            }
        }
    }
}

/// Change one's own profile
///
/// A JSON merge patch. E-mail and password are changed by operations of their own.
#[utoipa::path(
    tag = "Account",
    operation_id = "updateMe",
    request_body(content(
        (UpdateProfileBody = "application/json"),
        (UpdateProfileBody = "application/merge-patch+json"),
    )),
    params(("If-Match" = Option<String>, Header, nullable = false, description = "Only this version", example = "\"1\"")),
    responses(
        (status = 200, description = "The account as it is now", body = UserView,
            headers(("ETag" = String, description = "The version"))),
        (status = 403, description = "A key that may not write"),
        (status = 409, description = "An identifier is taken, or the account was changed at the same moment"),
        (status = 412, description = "The version is not the current one"),
    ),
)]
#[patch("/users/me")]
pub(crate) async fn update_me(
    caller: Caller<MayWrite>,
    state: State,
    origin: RequestOrigin,
    if_match: IfMatch,
    body: Body<UpdateProfileBody, MergePatch>,
) -> Answer<HttpResponse> {
    update_profile(&state, (&caller.0, &origin.0), &if_match, body).await
}

/// Change one's own profile: use PATCH
///
/// The same as PATCH; an absent member keeps its value.
#[utoipa::path(
    tag = "Account",
    operation_id = "replaceMe",
    request_body(content(
        (UpdateProfileBody = "application/json"),
        (UpdateProfileBody = "application/merge-patch+json"),
    )),
    params(("If-Match" = Option<String>, Header, nullable = false, description = "Only this version", example = "\"1\"")),
    responses(
        (status = 200, description = "The account as it is now", body = UserView,
            headers(
                ("ETag" = String, description = "The version"),
                ("Deprecation" = String, description = "Since when; use PATCH"),
            )),
        (status = 403, description = "A key that may not write"),
        (status = 409, description = "An identifier is taken, or the account was changed at the same moment"),
        (status = 412, description = "The version is not the current one"),
    ),
)]
#[put("/users/me")]
pub(crate) async fn replace_me(
    caller: Caller<MayWrite>,
    state: State,
    origin: RequestOrigin,
    if_match: IfMatch,
    body: Body<UpdateProfileBody, MergePatch>,
) -> Answer<HttpResponse> {
    update_profile(&state, (&caller.0, &origin.0), &if_match, body)
        .await
        .map(deprecated)
}

async fn update_profile(
    state: &State,
    (caller, origin): (&SignedIn, &Origin),
    if_match: &IfMatch,
    body: Body<UpdateProfileBody, MergePatch>,
) -> Answer<HttpResponse> {
    let accounts = &state.services.accounts;
    let command = body
        .read()
        .await?
        .into_command(|body| body.parse(accounts.rules()))?;
    let expected = if_match.read()?;
    let user = accounts
        .update_profile(caller, origin, &command, expected)
        .await?;
    Ok(with_etag(&user))
}
