//! Plants that show in a second assay: sites, transcripts, cells.

use proteus_stats::matrix::Matrix;

use super::super::StudyError;
use super::super::key::{Measured, OtherTruth};
use super::super::plant::Plant;
use super::growing::{Growing, sample_ids};
use super::{ARMS, CONDITION, Table};
use crate::dataset::FeatureLevel;
use crate::discovery::Direction;

/// Sites of a table of sites.
const SITES: usize = 800;
/// Kinases beside the true one.
const IDLE_KINASES: usize = 9;
/// Correlation of a transcript or site with its protein, within an arm.
const WITH_PROTEIN: f64 = 0.4;
/// Cells per sample.
const CELLS: usize = 300;
/// Markers of a table of cells.
const MARKERS: usize = 12;
/// Frequencies of the cell populations where nothing is planted.
const POPULATIONS: [f64; 4] = [0.45, 0.3, 0.15, 0.1];

fn contrast() -> String {
    format!("{CONDITION}:{}-{}", ARMS[0], ARMS[1])
}

/// Values of features that go with their genes' proteins, shifted in the treated samples.
fn follow_proteins(
    growing: &mut Growing<'_>,
    genes: &[usize],
    shifted: &[(usize, f64)],
    missing: f64,
) -> Matrix {
    let n = growing.samples();
    let own = (1.0 - WITH_PROTEIN * WITH_PROTEIN).sqrt();
    let mut values = Matrix::filled(genes.len(), n, f64::NAN);
    for (row, &gene) in genes.iter().enumerate() {
        let level = growing.background.abundance[gene] - 3.0 + 1.5 * growing.draws.normal();
        let effect = shifted
            .iter()
            .find(|(r, _)| *r == row)
            .map_or(0.0, |(_, e)| *e);
        for j in 0..n {
            let noise = WITH_PROTEIN * growing.latent.get(gene, j) + own * growing.draws.normal();
            let planted = if growing.treated[j] { effect } else { 0.0 };
            if !growing.draws.chance(missing) {
                values.set(row, j, level + growing.sd[gene] * (noise + planted));
            }
        }
    }
    values
}

/// Genes and names of a table of sites.
fn sites(growing: &mut Growing<'_>) -> (Vec<usize>, Vec<String>) {
    let all: Vec<usize> = (0..growing.background.genes.len()).collect();
    let genes: Vec<usize> = (0..SITES)
        .map(|_| all[growing.draws.below(all.len())])
        .collect();
    let mut names: Vec<String> = Vec::with_capacity(SITES);
    for (k, &gene) in genes.iter().enumerate() {
        // The number of the row keeps sites of one gene apart.
        let residue = ["S", "T", "Y"][growing.draws.below(20) / 9];
        names.push(format!("{}_{residue}{}", growing.gene(gene), 10 + k));
    }
    (genes, names)
}

fn add_table(
    growing: &mut Growing<'_>,
    name: &str,
    level: FeatureLevel,
    id: &str,
    ids: Vec<String>,
    values: Matrix,
) {
    growing.tables.push(Table {
        name: name.to_owned(),
        level,
        id: id.to_owned(),
        ids,
        values,
    });
}

/// Sites of a second table change, their proteins do not.
pub(super) fn site(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let (genes, names) = sites(growing);
    let rows: Vec<usize> = (0..SITES).collect();
    let shifted: Vec<(usize, f64)> = growing
        .draws
        .choose(&rows, plant.count.min(SITES))
        .into_iter()
        .map(|row| (row, plant.strength * growing.sign()))
        .collect();
    for (row, effect) in &shifted {
        growing.over_condition(Measured::Site, &names[*row], *effect);
        growing.other.push(discordance(
            growing.plant,
            "site_protein_discordance",
            &names[*row],
            *effect,
        ));
    }
    let values = follow_proteins(growing, &genes, &shifted, 0.15);
    add_table(growing, "sites", FeatureLevel::Site, "Site", names, values);
    Ok(format!(
        "{} of {SITES} sites differ and their proteins do not",
        shifted.len()
    ))
}

fn discordance(plant: usize, archetype: &str, subject: &str, effect: f64) -> OtherTruth {
    OtherTruth {
        plant,
        archetype: archetype.to_owned(),
        subject: subject.to_owned(),
        object: contrast(),
        direction: Direction::of(effect),
        detail: "differs while its protein does not".to_owned(),
    }
}

/// The substrates of one kinase change; a table of kinases is written beside the dataset.
pub(super) fn kinase(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let (genes, names) = sites(growing);
    let all: Vec<usize> = (0..growing.background.genes.len()).collect();
    let kinases = growing.draws.choose(&all, IDLE_KINASES + 1);
    let effect = plant.strength * growing.sign();
    let rows: Vec<usize> = (0..SITES).collect();
    let mut table = String::from("kinase\tsubstrate\n");
    let mut shifted = Vec::new();
    for (k, &kinase) in kinases.iter().enumerate() {
        for row in growing.draws.choose(&rows, plant.count.min(SITES / 4)) {
            table.push_str(&format!("{}\t{}\n", growing.gene(kinase), names[row]));
            if k == 0 {
                shifted.push((row, effect));
                growing.over_condition(Measured::Site, &names[row], effect);
            }
        }
    }
    growing
        .files
        .push(("kinase_substrates.tsv".to_owned(), table));
    let kinase = growing.gene(kinases[0]).to_owned();
    growing.other.push(OtherTruth {
        plant: growing.plant,
        archetype: "kinase_activity".to_owned(),
        subject: kinase.clone(),
        object: contrast(),
        direction: Direction::of(effect),
        detail: "substrates are in kinase_substrates.tsv; no protein changes".to_owned(),
    });
    let values = follow_proteins(growing, &genes, &shifted, 0.15);
    add_table(growing, "sites", FeatureLevel::Site, "Site", names, values);
    Ok(format!(
        "{} substrates of `{kinase}` follow its activity",
        shifted.len()
    ))
}

/// Transcripts change, their proteins do not.
pub(super) fn rna(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let genes: Vec<usize> = (0..growing.background.genes.len()).collect();
    let shifted: Vec<(usize, f64)> = growing
        .free_genes(plant.count, plant)?
        .into_iter()
        .map(|row| (row, plant.strength * growing.sign()))
        .collect();
    for (row, effect) in &shifted {
        let gene = growing.gene(*row).to_owned();
        growing.over_condition(Measured::Transcript, &gene, *effect);
        growing.other.push(discordance(
            growing.plant,
            "rna_protein_discordance",
            &gene,
            *effect,
        ));
    }
    let values = follow_proteins(growing, &genes, &shifted, 0.0);
    let ids = growing.background.genes.clone();
    add_table(
        growing,
        "rna",
        FeatureLevel::Transcript,
        "Gene",
        ids,
        values,
    );
    Ok(format!(
        "{} transcripts differ and their proteins do not",
        shifted.len()
    ))
}

/// The rarest of four cell populations is more frequent in the treated samples; `cells/cells.tsv` has one row per cell.
pub(super) fn cells(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let ids = sample_ids(growing.samples());
    let centres: Vec<Vec<f64>> = POPULATIONS
        .iter()
        .map(|_| {
            (0..MARKERS)
                .map(|_| 2.0 + 1.5 * growing.draws.normal())
                .collect()
        })
        .collect();
    let mut table = String::from("sample_id");
    for m in 0..MARKERS {
        table.push_str(&format!("\tmarker_{}", m + 1));
    }
    table.push('\n');
    for (j, id) in ids.iter().enumerate() {
        // Donors differ in composition on the logistic scale.
        let logit: Vec<f64> = POPULATIONS
            .iter()
            .map(|p| p.ln() + 0.25 * growing.draws.normal())
            .collect();
        let fold = if growing.treated[j] {
            plant.strength.ln()
        } else {
            0.0
        };
        let last = POPULATIONS.len() - 1;
        let weights: Vec<f64> = logit
            .iter()
            .enumerate()
            .map(|(k, l)| (l + if k == last { fold } else { 0.0 }).exp())
            .collect();
        let total: f64 = weights.iter().sum();
        for _ in 0..CELLS {
            let mut luck = growing.draws.uniform() * total;
            let mut population = 0;
            while population < last && luck >= weights[population] {
                luck -= weights[population];
                population += 1;
            }
            table.push_str(id);
            for centre in &centres[population] {
                let value = (centre + 0.5 * growing.draws.normal()).max(0.0);
                table.push_str(&format!("\t{value:.2}"));
            }
            table.push('\n');
        }
    }
    growing.files.push(("cells/cells.tsv".to_owned(), table));
    growing.other.push(OtherTruth {
        plant: growing.plant,
        archetype: "cell_population_abundance".to_owned(),
        subject: "the fourth population".to_owned(),
        object: contrast(),
        direction: Direction::Higher,
        detail: format!(
            "about {} times as frequent; cells are in cells/cells.tsv",
            plant.strength
        ),
    });
    Ok(format!(
        "one of {} cell populations is {} times as frequent",
        POPULATIONS.len(),
        plant.strength
    ))
}
