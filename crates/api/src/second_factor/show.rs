//! `GET /auth/mfa`

use actix_web::{HttpResponse, get};

use crate::{
    http::{Answer, Caller, InPerson},
    state::State,
    views::MfaView,
};

/// See one's own second factor
#[utoipa::path(
    tag = "Account",
    operation_id = "getMfa",
    responses(
        (status = 200, description = "Whether there is one, and what is left of it", body = MfaView),
        (status = 403, description = "A key cannot see it"),
    ),
)]
#[get("/auth/mfa")]
pub(crate) async fn get_mfa(caller: Caller<InPerson>, state: State) -> Answer<HttpResponse> {
    let status = state.services.second_factor.show(&caller.0).await?;
    Ok(HttpResponse::Ok().json(MfaView::from(status)))
}
