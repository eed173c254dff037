//! SomaScan as a plain table, the way R and Python write a parsed ADAT: one row per sample, one column per aptamer called
//! `seq.10000.28`, facts about the sample before them. Buffers, calibrators and quality controls are set apart.

use super::super::grid::Grid;
use super::super::sheet::Sheet;
use super::super::{
    DatasetError, ExcludedSample, Feature, FeatureLevel, Inference, Quantity, Scale,
};
use super::somascan_adat::{is_fact, is_sample_type};
use super::{Evidence, Format, RawTable, RowFlag, SampleColumn, no_values};

/// The format.
pub(crate) struct SomaScanTable;

impl Format for SomaScanTable {
    fn name(&self) -> &'static str {
        "somascan_table"
    }

    fn title(&self) -> &'static str {
        "SomaScan, one row per sample"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Marker
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let aptamers = grid.header.iter().filter(|h| seq_id(h).is_some()).count();
        let known = grid.find(&["SampleType", "SampleId", "SlideId"]).is_some();
        (aptamers >= 2 && known).then(|| {
            Evidence::certain(format!(
                "{aptamers} of its columns are called like aptamers (`seq.10000.28`), beside the columns of an ADAT file"
            ))
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let aptamers: Vec<(usize, String)> = grid
            .header
            .iter()
            .enumerate()
            .filter_map(|(j, h)| Some((j, seq_id(h)?)))
            .collect();
        let kind = grid.find(&["SampleType"]);
        let is_sample = |i: usize| kind.is_none_or(|j| is_sample_type(grid.cell(i, j)));
        let (kept, controls): (Vec<usize>, Vec<usize>) =
            (0..grid.n_rows()).partition(|&i| is_sample(i));
        if kept.is_empty() || aptamers.is_empty() {
            return Err(no_values(grid));
        }
        let names = names(grid, &kept);
        let width = kept.len();
        let mut values = vec![f64::NAN; aptamers.len() * width];
        for (a, (j, _)) in aptamers.iter().enumerate() {
            let numbers = grid.numbers(*j)?;
            for (k, &i) in kept.iter().enumerate() {
                values[a * width + k] = numbers[i];
            }
        }
        let mut table = RawTable::of_columns(grid, self.level(), Quantity::Rfu, &[])?;
        table.columns = kept
            .iter()
            .map(|&i| SampleColumn {
                header: names(i),
                label: names(i),
            })
            .collect();
        table.values = values;
        table.features = aptamers
            .iter()
            .map(|(_, id)| Feature {
                id: id.clone(),
                row: 1,
                ..Feature::default()
            })
            .collect();
        table.flags = vec![RowFlag::Keep; aptamers.len()];
        table.id_column = grid.header[aptamers[0].0].clone();
        table.scale = Some(Scale::Linear);
        table.samples_in_rows = true;
        table.organism = Some("Homo sapiens".to_string());
        table.sheet = Some(sheet(grid, &kept, &aptamers, &names));
        table.set_apart = controls
            .iter()
            .map(|&i| ExcludedSample {
                id: names(i),
                reason: format!("`SampleType` is `{}`", kind.map_or("", |j| grid.cell(i, j))),
            })
            .collect();
        table.inferences.push(Inference::new(
            format!("aptamers of `{}`", grid.file),
            "known by their sequence id alone",
            "the table does not say which protein an aptamer binds",
            "give the ADAT file itself, which does",
        ));
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// The producer's id of an aptamer, `10000-28`, from a header such as `seq.10000.28`.
fn seq_id(header: &str) -> Option<String> {
    let rest = header
        .strip_prefix("seq")
        .or_else(|| header.strip_prefix("SeqId"))?;
    let mut numbers = rest.split(['.', '-', '_']).filter(|p| !p.is_empty());
    let (clone, version) = (numbers.next()?, numbers.next()?);
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    (digits(clone) && digits(version) && numbers.all(digits)).then(|| format!("{clone}-{version}"))
}

/// Names of rows: the sample id where it tells the samples apart, else slide and subarray, which always do.
fn names<'a>(grid: &'a Grid, kept: &[usize]) -> impl Fn(usize) -> String + use<'a> {
    let id = grid.find(&["SampleId"]).filter(|&j| {
        let mut seen = std::collections::HashSet::new();
        kept.iter()
            .all(|&i| !grid.cell(i, j).is_empty() && seen.insert(grid.cell(i, j)))
    });
    let place = grid.find(&["SlideId"]).zip(grid.find(&["Subarray"]));
    move |i| match (id, place) {
        (Some(j), _) => grid.cell(i, j).to_string(),
        (None, Some((slide, array))) => format!("{}_{}", grid.cell(i, slide), grid.cell(i, array)),
        (None, None) => format!("row {}", grid.line(i)),
    }
}

fn sheet(
    grid: &Grid,
    kept: &[usize],
    aptamers: &[(usize, String)],
    names: &impl Fn(usize) -> String,
) -> Sheet {
    let first = aptamers.first().map_or(grid.n_columns(), |a| a.0);
    let facts: Vec<usize> = (0..grid.n_columns())
        .filter(|&j| (j < first || seq_id(&grid.header[j]).is_none()) && is_fact(&grid.header[j]))
        .collect();
    Sheet {
        file: grid.file.clone(),
        header: std::iter::once("sample".to_string())
            .chain(facts.iter().map(|&j| grid.header[j].clone()))
            .collect(),
        rows: kept
            .iter()
            .map(|&i| {
                std::iter::once(names(i))
                    .chain(facts.iter().map(|&j| grid.cell(i, j).to_string()))
                    .collect()
            })
            .collect(),
        lines: kept.iter().map(|&i| grid.line(i)).collect(),
        inferences: Vec::new(),
        problems: Vec::new(),
    }
}
