//! Time-based one-time codes, and their seeds sealed.

use std::sync::Arc;

use qrcode::{EcLevel, QrCode, render::svg};
use totp_rs::{Algorithm, Builder};
use userhub_domain::{
    Error, Result,
    clock::{Entropy, Timestamp},
    second_factor::{SealedSeed, Totp, TotpCode, TotpEnrolment, TotpSeed},
    users::UserId,
};
use zeroize::Zeroizing;

use super::{EncryptionKey, seal::Seal};

/// What every app understands, whatever else it may offer.
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
const STEPS_EITHER_SIDE: u16 = 1;
/// The smallest width of the picture in pixels; it scales.
const PICTURE: u32 = 240;

/// Codes as RFC 6238 has them (SHA-1, 6 digits, 30 seconds), their seeds
/// encrypted under one key.
pub struct SealingTotp {
    seal: Seal,
    entropy: Arc<dyn Entropy>,
    issuer: String,
}

impl SealingTotp {
    /// `issuer` is what the app calls the service; a colon in it becomes a
    /// blank, since it is what parts issuer and account.
    ///
    /// # Errors
    /// Where the library refuses the key.
    pub fn new(key: &EncryptionKey, entropy: Arc<dyn Entropy>, issuer: &str) -> Result<Self> {
        Ok(Self {
            seal: Seal::new(key)?,
            entropy,
            issuer: without_colon(issuer),
        })
    }
}

impl Totp for SealingTotp {
    fn enrol(&self, user: UserId, seed: &TotpSeed, account: &str) -> Result<TotpEnrolment> {
        let sealed = self
            .seal
            .close(seed.expose(), &belongs_to(user), self.entropy.as_ref())?;
        let codes = builder(seed.expose())
            .with_issuer(Some(self.issuer.as_str()))
            .with_account_name(without_colon(account))
            .build()
            .map_err(|_| Error::internal("making a one-time code's seed"))?;
        let uri = codes
            .to_url()
            .map_err(|_| Error::internal("writing a one-time code's address"))?;
        Ok(TotpEnrolment {
            sealed: SealedSeed::new(sealed),
            secret: codes.secret().to_base32().into(),
            qr_svg: picture(&uri)?.into(),
            uri: uri.into(),
        })
    }

    fn matching_step(
        &self,
        user: UserId,
        sealed: &SealedSeed,
        code: &TotpCode,
        now: Timestamp,
    ) -> Result<Option<i64>> {
        let seed = self.seal.open(sealed.as_bytes(), &belongs_to(user))?;
        let codes = builder(&seed)
            .build()
            .map_err(|_| Error::internal("a stored seed of one-time codes is too short"))?;
        let Ok(seconds) = u64::try_from(now.timestamp()) else {
            return Ok(None);
        };
        // Compares numbers, in constant time.
        let step = codes.check(code.expose(), seconds);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }
}

fn builder(seed: &[u8]) -> Builder {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(STEP_SECONDS)
        .with_skew(STEPS_EITHER_SIDE)
        .with_secret(seed.to_vec())
}

/// A seed that is moved to another user's row does not open.
fn belongs_to(user: UserId) -> Vec<u8> {
    [b"userhub totp".as_slice(), user.as_uuid().as_bytes()].concat()
}

fn without_colon(text: &str) -> String {
    let text = text.replace(':', " ");
    let words: Vec<_> = text.split_whitespace().collect();
    if words.is_empty() {
        "account".to_owned()
    } else {
        words.join(" ")
    }
}

/// The QR code as an SVG element, without the declaration that only a file
/// of its own may begin with.
fn picture(uri: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(uri, EcLevel::M)
        .map_err(|_| Error::internal("drawing a QR code"))?;
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(PICTURE, PICTURE)
        .build();
    let drawn = Zeroizing::new(drawn);
    let element = drawn.find("<svg").and_then(|start| drawn.get(start..));
    element
        .map(str::to_owned)
        .ok_or_else(|| Error::internal("drawing a QR code"))
}

#[cfg(test)]
mod tests;
