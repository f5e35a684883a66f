//! `hash calibrate`: what hashing a password may cost on this machine.

use userhub_infrastructure::{
    config::Settings,
    crypto::{Calibration, calibrate},
};

use crate::{cli::Hash, failure::Failure, terminal::say};

pub(crate) fn run(settings: &Settings, what: &Hash) -> Result<(), Failure> {
    let Hash::Calibrate { time } = what;
    let time = humantime::parse_duration(time)
        .map_err(|error| Failure::new(format!("--time: {error}")))?;
    let defaults = Calibration::default();
    let slots = settings.hashing.slots.unwrap_or(defaults.slots);
    let proposal = calibrate(Calibration {
        time,
        slots,
        ..defaults
    })?;
    let measured = proposal.measured.as_millis();
    say(format_args!(
        "# {measured} ms for a hash, with {slots} at the same time; {} MiB in all",
        u64::from(proposal.memory_kib) * slots as u64 / 1024
    ));
    let (memory, iterations) = (proposal.memory_kib, proposal.iterations);
    say(format_args!("USERHUB__HASHING__MEMORY_KIB={memory}"));
    say(format_args!("USERHUB__HASHING__ITERATIONS={iterations}"));
    say(format_args!(
        "USERHUB__HASHING__PARALLELISM={}",
        proposal.parallelism
    ));
    Ok(())
}
