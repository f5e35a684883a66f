//! Forms that are known and not supported, so that a refusal can name them.

/// Beginnings, the more special ones first.
const BEGINNINGS: [(&str, &str); 33] = [
    ("$1$", "md5-crypt"),
    ("$apr1$", "Apache's md5-crypt"),
    ("$md5", "Sun's md5-crypt"),
    ("$sha1$", "sha1-crypt"),
    ("$2$", "bcrypt 2"),
    ("$2x$", "bcrypt 2x"),
    ("$3$", "NT hash"),
    ("$NT$", "NT hash"),
    ("$7$", "scrypt $7$"),
    ("$y$", "yescrypt"),
    ("$gy$", "gost-yescrypt"),
    ("$P$", "phpass"),
    ("$H$", "phpass"),
    ("$S$", "Drupal 7"),
    ("$p5k2$", "PBKDF2 $p5k2$"),
    ("$pbkdf2-", "PBKDF2 with another digest"),
    ("pbkdf2:", "Werkzeug's PBKDF2"),
    ("scrypt:", "Werkzeug's scrypt"),
    ("grub.pbkdf2.", "GRUB's PBKDF2"),
    ("pbkdf2_", "Django's PBKDF2 with another digest"),
    ("sha1$", "Django's salted SHA-1"),
    ("md5$", "Django's salted MD5"),
    ("unsalted_", "Django's unsalted hash"),
    ("{SSHA", "LDAP {SSHA}"),
    ("{SHA", "LDAP {SHA}"),
    ("{SMD5}", "LDAP {SMD5}"),
    ("{MD5}", "LDAP {MD5}"),
    ("{CRYPT}", "LDAP {CRYPT}"),
    ("{PBKDF2", "LDAP {PBKDF2}"),
    ("{ARGON2", "LDAP {ARGON2}"),
    ("{BCRYPT", "LDAP {BCRYPT}"),
    ("{X-PBKDF2}", "LDAP {X-PBKDF2}"),
    ("SCRAM-SHA-", "SCRAM"),
];

/// The name of a form that is not supported.
pub(super) fn name(text: &str) -> Option<&'static str> {
    let begins = BEGINNINGS
        .iter()
        .find(|(beginning, _)| text.starts_with(beginning));
    if let Some((_, name)) = begins {
        return Some(name);
    }
    let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal(text) {
        return match text.len() {
            32 => Some("unsalted MD5"),
            40 => Some("unsalted SHA-1"),
            64 => Some("unsalted SHA-256"),
            128 => Some("unsalted SHA-512"),
            _ => None,
        };
    }
    if let Some(rest) = text.strip_prefix('*') {
        return (rest.len() == 40 && hexadecimal(rest)).then_some("MySQL 4.1");
    }
    let of_digits = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'))
    };
    match text.strip_prefix('_') {
        Some(rest) => (rest.len() == 19 && of_digits(rest)).then_some("BSDi's des-crypt"),
        None => (text.len() == 13 && of_digits(text)).then_some("des-crypt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_forms_have_names_and_others_none() {
        for (text, expected) in [
            ("$1$salt$qJH7.N4xYta3aEG/dfqo/0", "md5-crypt"),
            ("$apr1$salt$xxxxxxxxxxxxxxxxxxxxx/", "Apache's md5-crypt"),
            ("5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "unsalted SHA-1"),
            ("5F4DCC3B5AA765D61D8327DEB882CF99", "unsalted MD5"),
            ("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "MySQL 4.1"),
            ("rEK1ecacw.7.c", "des-crypt"),
            ("_J9..K0AyUubDrfOgO4s", "BSDi's des-crypt"),
            ("$7$C6..../....salt$xxxxxxxxxxx", "scrypt $7$"),
            ("$P$B55D6LjfHDkINU5wF.v2BuuzO0/XPk/", "phpass"),
            ("{SSHA}x1yBUBUIkYmv6JkWrIkmcJRc5vcyVpRQ", "LDAP {SSHA}"),
            ("$y$j9T$xxxxx$xxxxxxxxxxx", "yescrypt"),
            ("$2x$04$xxxxxxx", "bcrypt 2x"),
        ] {
            assert_eq!(name(text), Some(expected));
        }
        for unknown in ["", "$", "secret", "*", "_", "12345678901234", "5baa61e4"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }
}
