//! Fitting names and texts, of a query or a form, into a struct whose members
//! are all optional.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, Error as _, IntoDeserializer, Visitor,
        value::{Error, MapDeserializer},
    },
    forward_to_deserialize_any,
};
use userhub_domain::violation::{Broken, ViolationCode, Violations};

use super::fitting::violation;

type Pair = (String, String);

/// Splits `a=1&b=2`.
pub(super) fn split(encoded: &[u8]) -> Vec<Pair> {
    serde_urlencoded::from_bytes(encoded).unwrap_or_default()
}

/// Fits pairs into `T`: those that it does not know are ignored, those that
/// stand twice or do not fit are noted and left out.
pub(super) fn fit<T: DeserializeOwned>(mut pairs: Vec<Pair>) -> (Option<T>, Violations) {
    let known = fields_of::<T>();
    pairs.retain(|(name, _)| known.contains(&name.as_str()));
    let mut violations = repeated(&pairs);
    pairs.retain(|(name, _)| !violations.names(name));
    // Every round takes one known name out.
    for _ in 0..=known.len() {
        let texts = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), Text(value)));
        let map = MapDeserializer::<_, Error>::new(texts);
        match serde_path_to_error::deserialize::<_, T>(map) {
            Ok(fitted) => return (Some(fitted), violations),
            Err(error) => {
                let name = error.path().to_string();
                violations.push(violation(&name, &error.inner().to_string()));
                pairs.retain(|(other, _)| *other != name);
            }
        }
    }
    (None, violations)
}

fn repeated(pairs: &[Pair]) -> Violations {
    let mut violations = Violations::new();
    for (place, (name, _)) in pairs.iter().enumerate() {
        if pairs.iter().skip(place + 1).any(|(other, _)| other == name) {
            let broken = Broken::new(ViolationCode::NotAllowed, "must stand only once");
            violations.push(broken.at(name.clone()));
        }
    }
    violations
}

/// One text, read as whatever type is asked for.
#[derive(Clone, Copy)]
struct Text<'a>(&'a str);

impl<'de> IntoDeserializer<'de> for Text<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident => $visit:ident),+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Error::custom("does not fit")),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = Error;

    parsed! {
        deserialize_bool => visit_bool,
        deserialize_i8 => visit_i8, deserialize_i16 => visit_i16,
        deserialize_i32 => visit_i32, deserialize_i64 => visit_i64,
        deserialize_u8 => visit_u8, deserialize_u16 => visit_u16,
        deserialize_u32 => visit_u32, deserialize_u64 => visit_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct enum identifier ignored_any
    }
}

/// The names of a struct's members.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It always fails, after it has said its names.
    let _ = T::deserialize(Names(&mut fields));
    fields
}

struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only the names are asked for"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Parameters {
        q: Option<String>,
        limit: Option<i64>,
        count: Option<bool>,
        from: Option<chrono::DateTime<chrono::Utc>>,
    }

    fn read(query: &str) -> (Option<Parameters>, Vec<String>) {
        let (fitted, violations) = fit(split(query.as_bytes()));
        let fields = violations.iter().map(|one| one.field.to_string()).collect();
        (fitted, fields)
    }

    #[test]
    fn what_fits_is_read_and_unknown_names_are_ignored() {
        let (fitted, violations) =
            read("q=a%20b%2B&limit=5&count=true&from=2025-01-01T00:00:00Z&x=1&x=2");
        let fitted = fitted.expect("fits");
        assert_eq!(fitted.q.as_deref(), Some("a b+"));
        assert_eq!((fitted.limit, fitted.count), (Some(5), Some(true)));
        assert!(fitted.from.is_some() && violations.is_empty());
        assert_eq!(read("").0, Some(Parameters::default()));
    }

    #[test]
    fn what_does_not_fit_or_stands_twice_is_named() {
        let (fitted, fields) = read("q=1&q=2&limit=1e9&count=maybe&from=yesterday");
        assert_eq!(fitted, Some(Parameters::default()));
        assert_eq!(fields, ["q", "limit", "count", "from"]);
        assert_eq!(read("limit=").1, ["limit"]);
        assert_eq!(read("limit=18446744073709551616").1, ["limit"]);
    }
}
