//! What every endpoint builds on: errors, bodies, parameters, callers and the
//! way around them.

mod body;
mod caller;
mod catalogue;
mod cors;
mod deprecated;
mod error;
mod etag;
mod fallback;
mod fitting;
mod flood;
mod form;
mod json;
mod middleware;
mod mount_point;
mod origin;
mod pairs;
mod path;
mod problem;
mod query;
mod secret_text;

pub use body::{Body, MergePatch, ReadBody};
pub use caller::{Caller, InPerson, MayRead, MayWrite, OptionalCaller, Proof};
pub use catalogue::{CATALOGUE, Entry, find as find_code};
pub(crate) use cors::cors;
pub use deprecated::deprecated;
pub use error::{ApiError, Refusal};
pub use etag::{IfMatch, etag};
pub(crate) use fallback::fallback;
pub use fitting::three_state;
pub(crate) use flood::FloodGate;
pub use flood::{FloodLimit, LimitedOrigin};
pub use form::FormBody;
pub use middleware::observe;
pub(crate) use mount_point::{MountPoint, in_html, note_mount_point, percent_encoded};
pub use origin::RequestOrigin;
pub(crate) use path::placeholder;
pub use path::{PathId, PathText};
pub use problem::{FieldError, PROBLEM_JSON, Problem};
pub use query::Query;
pub use secret_text::SecretText;

/// What handlers return.
pub type Answer<T> = std::result::Result<T, ApiError>;
