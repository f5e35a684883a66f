//! `DELETE /users/me`

use actix_web::{HttpResponse, delete};

use crate::{
    http::{Answer, Caller, InPerson, RequestOrigin},
    state::State,
};

/// Close one's own account
///
/// Every session ends. An administrator can restore the account.
#[utoipa::path(
    tag = "Account",
    operation_id = "deleteMe",
    responses(
        (status = 204, description = "The account is closed"),
        (status = 403, description = "A key cannot close an account"),
        (status = 409, description = "The last administrator cannot leave"),
    ),
)]
#[delete("/users/me")]
pub(crate) async fn delete_me(
    caller: Caller<InPerson>,
    state: State,
    origin: RequestOrigin,
) -> Answer<HttpResponse> {
    state.services.accounts.close(&caller.0, &origin.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
