//! `PATCH` and `PUT /users/{id}`

use std::collections::BTreeMap;

use actix_web::{HttpResponse, patch, put};
use garde::Validate;
use serde::{Deserialize, de::IgnoredAny};
use userhub_domain::{
    accounts::{UpdateProfileInput, UpdateUserCommand, UpdateUserInput},
    audit::Origin,
    caller::SignedIn,
    rules::Rules,
    users::{Change, UserId},
    violation::{Broken, ViolationCode, Violations},
};
use utoipa::ToSchema;

use crate::{
    http::{
        Answer, Body, Caller, IfMatch, MayWrite, MergePatch, PathId, RequestOrigin, deprecated,
        three_state,
    },
    state::State,
    views::{RoleName, UserView, with_etag},
};

pub(super) const PASSWORD_FLOW: &str = "is changed by POST /api/v1/auth/password/change";

/// What is changed: an absent member stays, null clears. People change the
/// profile of their own; the members from `email` on are for administrators.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateUser, example = json!({"first_name": "Alice", "role": "admin", "metadata": {"plan": "pro"}}))]
pub(crate) struct UpdateUserBody {
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
    /// A new address counts as unverified unless `email_verified` says otherwise.
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    email: Change<String>,
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = bool)]
    email_verified: Change<bool>,
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = RoleName)]
    role: Change<String>,
    /// `false` suspends and ends every session, `true` reinstates.
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = bool)]
    is_active: Change<bool>,
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 255)]
    external_id: Change<String>,
    /// Itself a merge patch: null removes a key, or, for the whole, all of them.
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>)]
    metadata: Change<BTreeMap<String, Option<String>>>,
    /// Known only to be refused with a pointer to where it is changed.
    #[serde(default, deserialize_with = "three_state")]
    #[garde(skip)]
    #[schema(ignore)]
    password: Change<IgnoredAny>,
}

impl UpdateUserBody {
    fn parse(self, rules: &Rules, caller: &SignedIn) -> Result<UpdateUserCommand, Violations> {
        let mut violations = Violations::new();
        refuse(
            &mut violations,
            "password",
            self.password.is_given(),
            PASSWORD_FLOW,
        );
        let input = UpdateUserInput {
            profile: UpdateProfileInput {
                username: self.username,
                first_name: self.first_name,
                last_name: self.last_name,
                phone_number: self.phone_number,
            },
            email: self.email,
            email_verified: self.email_verified,
            role: self.role,
            is_active: self.is_active,
            external_id: self.external_id,
            metadata: self.metadata,
        };
        match UpdateUserCommand::parse(input, rules, caller) {
            Ok(command) => violations.into_result().map(|()| command),
            Err(more) => {
                violations.merge(more);
                Err(violations)
            }
        }
    }
}

/// Notes a member that is known only to say where it is changed.
pub(super) fn refuse(
    violations: &mut Violations,
    field: &'static str,
    is_sent: bool,
    instead: &'static str,
) {
    if is_sent {
        violations.push(Broken::new(ViolationCode::NotAllowed, instead).at(field));
    }
}

/// Change a user
///
/// A JSON merge patch. Everybody changes the profile of their own,
/// administrators everything of everybody's.
#[utoipa::path(
    tag = "Users",
    operation_id = "updateUser",
    request_body(content(
        (UpdateUserBody = "application/json"),
        (UpdateUserBody = "application/merge-patch+json"),
    )),
    params(
        ("id" = String, Path, format = Uuid, description = "The user's id"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Only this version", example = "\"1\""),
    ),
    responses(
        (status = 200, description = "The user as it is now", body = UserView,
            headers(("ETag" = String, description = "The version"))),
        (status = 403, description = "A key that may not write"),
        (status = 404, description = "No such user, or none that the caller may see"),
        (status = 409, description = "An identifier is taken, the user is deleted or the last administrator, or was changed at the same moment"),
        (status = 412, description = "The version is not the current one"),
    ),
)]
#[patch("/users/{id}")]
pub(crate) async fn update_user(
    caller: Caller<MayWrite>,
    state: State,
    origin: RequestOrigin,
    (id, if_match): (PathId<UserId>, IfMatch),
    body: Body<UpdateUserBody, MergePatch>,
) -> Answer<HttpResponse> {
    update(&state, (&caller.0, &origin.0), (&id, &if_match), body).await
}

/// Change a user: use PATCH
///
/// The same as PATCH; an absent member keeps its value.
#[utoipa::path(
    tag = "Users",
    operation_id = "replaceUser",
    request_body(content(
        (UpdateUserBody = "application/json"),
        (UpdateUserBody = "application/merge-patch+json"),
    )),
    params(
        ("id" = String, Path, format = Uuid, description = "The user's id"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Only this version", example = "\"1\""),
    ),
    responses(
        (status = 200, description = "The user as it is now", body = UserView,
            headers(
                ("ETag" = String, description = "The version"),
                ("Deprecation" = String, description = "Since when; use PATCH"),
            )),
        (status = 403, description = "A key that may not write"),
        (status = 404, description = "No such user, or none that the caller may see"),
        (status = 409, description = "An identifier is taken, the user is deleted or the last administrator, or was changed at the same moment"),
        (status = 412, description = "The version is not the current one"),
    ),
)]
#[put("/users/{id}")]
pub(crate) async fn replace_user(
    caller: Caller<MayWrite>,
    state: State,
    origin: RequestOrigin,
    (id, if_match): (PathId<UserId>, IfMatch),
    body: Body<UpdateUserBody, MergePatch>,
) -> Answer<HttpResponse> {
    update(&state, (&caller.0, &origin.0), (&id, &if_match), body)
        .await
        .map(deprecated)
}

async fn update(
    state: &State,
    (caller, origin): (&SignedIn, &Origin),
    (id, if_match): (&PathId<UserId>, &IfMatch),
    body: Body<UpdateUserBody, MergePatch>,
) -> Answer<HttpResponse> {
    let accounts = &state.services.accounts;
    let id = id.read()?;
    accounts.require_visible(caller, id)?;
    let command = body
        .read()
        .await?
        .into_command(|body| body.parse(accounts.rules(), caller))?;
    let target = (id, if_match.read()?);
    let user = accounts.update(caller, origin, target, &command).await?;
    Ok(with_etag(&user))
}
