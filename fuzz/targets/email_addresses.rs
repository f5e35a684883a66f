//! Addresses: what is read is an address that any mail server understands, and
//! nothing can be hidden in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use userhub_domain::users::EmailAddress;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(address) = EmailAddress::parse(text) else {
        return;
    };
    let written = address.as_str();
    assert_eq!(written, text.trim_matches(' '), "kept as it was written");
    assert_eq!(EmailAddress::parse(written).as_ref(), Ok(&address));
    is_one_address(written);

    let canonical = address.canonical();
    assert!(canonical.eq_ignore_ascii_case(written));
    let same = EmailAddress::parse(&canonical).expect("the canonical form is an address");
    assert_eq!(same.canonical(), canonical);
    let shouted = EmailAddress::parse(&written.to_ascii_uppercase());
    assert_eq!(
        shouted.expect("case does not matter").canonical(),
        canonical
    );
});

/// What a header, a log line or a command of SMTP relies on.
fn is_one_address(written: &str) {
    assert!(written.len() <= 254);
    assert!(written.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!written.contains(['<', '>', '(', ')', '[', ']', ',', ';', ':', '"', '\\']));
    let (local, domain) = written.split_once('@').expect("an at sign");
    assert!((1..=64).contains(&local.len()) && !domain.contains('@'));
    assert!(!written.contains("..") && !local.starts_with('.') && !local.ends_with('.'));
    let labels: Vec<_> = domain.split('.').collect();
    assert!(labels.len() >= 2);
    assert!(labels.iter().all(|label| (1..=63).contains(&label.len())));
    assert!(domain.parse::<std::net::IpAddr>().is_err());
}
