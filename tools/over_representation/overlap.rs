//! One set against the selected genes.

use proteus_stats::hypergeometric::Hypergeometric;

/// The genes selected in one direction.
pub(super) struct Selection {
    /// `up`, `down` or `any`.
    pub(super) direction: &'static str,
    /// Whether each tested gene is selected.
    pub(super) selected: Vec<bool>,
    /// How many are.
    pub(super) count: usize,
}

impl Selection {
    /// The tested genes for which `selects` holds.
    pub(super) fn new(
        direction: &'static str,
        genes: usize,
        selects: impl Fn(usize) -> bool,
    ) -> Self {
        let selected: Vec<bool> = (0..genes).map(selects).collect();
        Self {
            direction,
            count: selected.iter().filter(|s| **s).count(),
            selected,
        }
    }
}

/// The overlap of a set with the genes selected in one direction.
pub(super) struct Overlap {
    /// Position of the set.
    pub(super) set: usize,
    /// Direction of the selected genes.
    pub(super) direction: &'static str,
    /// Tested genes of the set.
    pub(super) size: usize,
    /// Genes selected in this direction.
    pub(super) selected: usize,
    /// Selected genes of the set, ascending.
    pub(super) shared: Vec<usize>,
    /// Selected genes of the set by chance.
    pub(super) expected: f64,
    /// Upper tail, doubled where two directions were tried.
    pub(super) p: f64,
    /// Adjusted over all sets.
    pub(super) q: f64,
}

impl Overlap {
    /// Overlap over expected; NaN where nothing is expected.
    pub(super) fn fold(&self) -> f64 {
        self.shared.len() as f64 / self.expected
    }
}

/// The most surprising direction of a set; none without directions.
pub(super) fn test_overlap(
    set: usize,
    members: &[usize],
    selections: &[Selection],
) -> Option<Overlap> {
    let tried = selections.len() as f64;
    let of_direction = |selection: &Selection| {
        let selected = &selection.selected;
        let shared: Vec<usize> = members.iter().copied().filter(|&g| selected[g]).collect();
        let (universe, drawn) = (selected.len(), selection.count);
        let null = Hypergeometric::new(universe as u64, members.len() as u64, drawn as u64);
        Overlap {
            set,
            direction: selection.direction,
            size: members.len(),
            selected: drawn,
            expected: members.len() as f64 * drawn as f64 / universe as f64,
            p: (null.ln_upper_tail(shared.len() as u64).exp() * tried).min(1.0),
            q: f64::NAN,
            shared,
        }
    };
    selections
        .iter()
        .map(of_direction)
        .reduce(|best, other| if other.p < best.p { other } else { best })
}
