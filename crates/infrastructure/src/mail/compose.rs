//! A rendered letter as it goes over the wire (RFC 5322, MIME).

use lettre::{
    Address, Message,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use userhub_domain::{
    clock::Timestamp,
    mail::{Letter, MailFailure},
};

use super::{Rendered, Sender};

/// What a line may hold (RFC 5322, section 2.1.1).
const LONGEST_LINE: usize = 998;

/// What is allowed in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// ASCII, for every server.
    Wire,
    /// UTF-8 as it is, for people who open the file.
    File,
}

/// The whole mail. Each try of a letter has the same `Message-ID`, so that
/// whoever gets two can tell.
///
/// # Errors
/// [`MailFailure::Refused`] where the address cannot be written to.
pub(super) fn compose(
    letter: &Letter,
    rendered: Rendered,
    sender: &Sender,
    now: Timestamp,
    form: Form,
) -> Result<Message, MailFailure> {
    let to: Address = letter
        .to
        .as_str()
        .parse()
        .map_err(|_| MailFailure::Refused("the address cannot be written to".to_owned()))?;
    let from = sender
        .mailbox()
        .map_err(|error| MailFailure::NotSent(format!("the sender cannot be used: {error}")))?;
    let id = letter.id;
    let parts = MultiPart::alternative()
        .boundary(format!("userhub-{}", id.as_uuid().simple()))
        .singlepart(part(ContentType::TEXT_PLAIN, rendered.text, form))
        .singlepart(part(ContentType::TEXT_HTML, rendered.html, form));
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(rendered.subject)
        .date(now.into())
        .message_id(Some(format!("<{id}@{}>", sender.domain())))
        // No out-of-office note comes back (RFC 3834).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(parts)
        .map_err(|error| MailFailure::NotSent(format!("the mail cannot be composed: {error}")))
}

fn part(kind: ContentType, text: String, form: Form) -> SinglePart {
    SinglePart::builder().header(kind).body(body(text, form))
}

/// Plain where that is allowed, so that a link stays in one piece for whoever
/// reads the source; the library would encode it for its length.
fn body(text: String, form: Form) -> Body {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let fits = text
        .lines()
        .all(|line| line.len() <= LONGEST_LINE && !line.contains('\0'));
    let encoding = match (fits, text.is_ascii(), form) {
        (true, true, _) => ContentTransferEncoding::SevenBit,
        (true, false, Form::File) => ContentTransferEncoding::EightBit,
        _ => return Body::new(text),
    };
    Body::dangerous_pre_encoded(text.replace('\n', "\r\n").into_bytes(), encoding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::sample::letters;
    use chrono::TimeDelta;

    fn composed(text: &str, form: Form) -> String {
        let rendered = Rendered {
            subject: "Grüße".to_owned(),
            text: text.to_owned(),
            html: "<p>ok</p>\n".to_owned(),
        };
        let sender = Sender::parse("Shop <no-reply@shop.example>").unwrap();
        let now = Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_793_704_920);
        let mail = compose(&letters()[0], rendered, &sender, now, form).unwrap();
        assert_eq!(mail.envelope().to().len(), 1);
        String::from_utf8(mail.formatted()).unwrap()
    }

    #[test]
    fn a_mail_has_the_headers_of_a_machine() {
        let mail = composed("Hello\n", Form::Wire);
        for line in [
            "From: Shop <no-reply@shop.example>",
            "To: ann@example.org",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?=",
            "Date: Tue, 03 Nov 2026 11:22:00 +0000",
            "Message-ID: <00000000-0000-0000-0000-000000000001@shop.example>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(mail.contains(&format!("{line}\r\n")), "{line}\n{mail}");
        }
        assert!(mail.contains("multipart/alternative"));
        assert!(!mail.replace("\r\n", "").contains(['\r', '\n']));
        let same = composed("Hello\n", Form::Wire);
        assert_eq!(mail, same);
    }

    #[test]
    fn long_links_stay_whole_and_the_wire_is_ascii() {
        let link = format!("https://users.example.org/{}", "x".repeat(300));
        assert!(composed(&format!("{link}\n"), Form::Wire).contains(&link));
        let greeting = format!("Hello Zoë\n{link}\n");
        assert!(composed(&greeting, Form::Wire).is_ascii());
        let file = composed(&greeting, Form::File);
        assert!(file.contains("Zoë") && file.contains(&link));
        assert!(
            composed(&"x".repeat(2000), Form::File)
                .lines()
                .all(|line| line.len() < 1000)
        );
    }
}
