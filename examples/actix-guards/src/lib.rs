//! A shop that gives its customers points. The customers are UserHub's users;
//! the points stand in a table of the shop's own, beside theirs.

mod points;
mod ready;
mod store;

use actix_web::{
    get, post,
    web::{self, Data, Json, Path, ServiceConfig},
};
use userhub_api::{
    State,
    http::{Answer, Caller, MayRead},
};
use userhub_domain::{caller::Admin, error::NotFound, users::UserId};

pub use points::{Balance, Points};
pub use ready::Ready;
pub use store::ShopStore;

/// The shop's routes, with UserHub below `/accounts`.
pub fn shop(state: &State, points: &Points) -> impl FnOnce(&mut ServiceConfig) + Clone + use<> {
    let (state, points) = (state.clone(), points.clone());
    move |config| {
        config
            .service(web::scope("/accounts").configure(userhub_api::configure(&state)))
            .app_data(state) // what `Caller` asks
            .app_data(Data::new(points))
            .service(my_points)
            .service(all_points)
            .service(give_points);
    }
}

/// For everybody who has signed in, and their keys that may read, about themselves.
#[get("/points")]
async fn my_points(Caller(me): Caller<MayRead>, points: Data<Points>) -> Answer<Json<Balance>> {
    Ok(Json(points.of(me.id()).await?))
}

/// For administrators: the argument is the guard.
#[get("/admin/points")]
async fn all_points(_: Caller<Admin>, points: Data<Points>) -> Answer<Json<Vec<Balance>>> {
    Ok(Json(points.all().await?))
}

/// For administrators as well.
#[post("/admin/points/{id}/{amount}")]
async fn give_points(
    _: Caller<Admin>,
    path: Path<(String, i64)>,
    points: Data<Points>,
) -> Answer<Json<Balance>> {
    let (id, amount) = path.into_inner();
    let id = UserId::parse(&id).ok_or(NotFound::User)?;
    Ok(Json(points.give(id, amount).await?))
}
