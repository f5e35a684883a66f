//! The ceiling of `GET /auth/me`: an actix handler without middleware that
//! turns a value of the same shape and size into JSON.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener},
};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde::{Deserialize, Serialize};

use crate::Result;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    id: String,
    username: Option<String>,
    email: Option<String>,
    email_verified: bool,
    first_name: Option<String>,
    last_name: Option<String>,
    phone_number: Option<String>,
    role: String,
    status: String,
    is_active: bool,
    mfa_enabled: bool,
    external_id: Option<String>,
    metadata: BTreeMap<String, String>,
    version: i64,
    created_at: String,
    updated_at: String,
    last_login_at: Option<String>,
    deleted_at: Option<String>,
}

async fn me(user: web::Data<User>) -> HttpResponse {
    HttpResponse::Ok().json(user.get_ref())
}

/// Reads a user from standard input, prints the port, and serves it at `/`
/// until it is killed.
pub(crate) fn serve() -> Result<()> {
    let mut body = String::new();
    io::stdin().read_to_string(&mut body)?;
    let user: User = serde_json::from_str(&body)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{}", listener.local_addr()?.port())?;
    stdout.flush()?;
    actix_web::rt::System::new().block_on(async move {
        let user = web::Data::new(user);
        HttpServer::new(move || {
            App::new()
                .app_data(user.clone())
                .route("/", web::get().to(me))
        })
        .listen(listener)?
        .run()
        .await
    })?;
    Ok(())
}
