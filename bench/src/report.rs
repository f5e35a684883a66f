//! The table.

use std::fmt::Write as _;

/// One figure beside its ceiling.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) figure: String,
    pub(crate) ceiling: String,
    pub(crate) ratio: String,
    pub(crate) target: String,
    pub(crate) met: bool,
}

/// All of them.
pub(crate) struct Report {
    machine: Vec<String>,
    rows: Vec<Row>,
}

/// Figure and ceiling of one round.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    pub(crate) figure: f64,
    pub(crate) ceiling: f64,
}

impl Round {
    pub(crate) fn ratio(self) -> f64 {
        self.figure / self.ceiling
    }
}

/// The round whose ratio is the middle one (of two, the lower).
pub(crate) fn middle(rounds: &mut [Round]) -> Round {
    rounds.sort_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    rounds
        .get(rounds.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(Round {
            figure: f64::NAN,
            ceiling: f64::NAN,
        })
}

impl Report {
    /// Of a machine, described in a few phrases.
    pub(crate) fn new(machine: Vec<String>) -> Self {
        Self {
            machine,
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, row: Row) {
        crate::say(&format!("{}: {} ({})", row.what, row.figure, row.target));
        self.rows.push(row);
    }

    /// A rate that should be at least this share of the ceiling.
    pub(crate) fn add_rate(&mut self, what: &str, rounds: &mut [Round], least: f64) {
        let round = middle(rounds);
        self.add(Row {
            what: what.to_owned(),
            figure: format!("{:.0} /s", round.figure),
            ceiling: format!("{:.0} /s", round.ceiling),
            ratio: format!("{:.0} %", round.ratio() * 100.0),
            target: format!("≥ {:.0} %", least * 100.0),
            met: round.ratio() >= least,
        });
    }

    /// A figure that stands for itself and should be at most this.
    pub(crate) fn add_limit(&mut self, what: &str, figure: f64, unit: &str, most: f64) {
        self.add(Row {
            what: what.to_owned(),
            figure: format!("{figure:.1} {unit}"),
            ceiling: String::new(),
            ratio: String::new(),
            target: format!("≤ {most:.0} {unit}"),
            met: figure <= most,
        });
    }

    pub(crate) fn all_met(&self) -> bool {
        self.rows.iter().all(|row| row.met)
    }

    /// The machine in a sentence, then the table.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!("{}.\n\n", self.machine.join("; "));
        text.push_str("| what | UserHub | ceiling | ratio | target | reached |\n");
        text.push_str("| --- | ---: | ---: | ---: | ---: | :---: |\n");
        for row in &self.rows {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} |",
                row.what,
                row.figure,
                row.ceiling,
                row.ratio,
                row.target,
                if row.met { "yes" } else { "**no**" }
            );
        }
        text
    }
}
