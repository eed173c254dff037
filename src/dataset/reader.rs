//! Reads the files of a dataset and puts them together: tables, sheets, metadata, assays, design.

use std::collections::HashMap;

use indexmap::IndexMap;
use proteus_stats::matrix::Matrix;

use super::assemble::{self, TableOverrides};
use super::cells::{self, Cells, Panel, RawCells};
use super::container::{self, Content, Measured, packed::too_large};
use super::copy_number;
use super::feature_table;
use super::formats::{RawTable, fcs};
use super::join::{self, columns_of_samples};
use super::label::canonical;
use super::manifest::RollUpChoice;
use super::matching;
use super::metadata::{self, Built, MatchedSheet};
use super::open::{CellSource, Inputs, ReadOptions, TableSource};
use super::sheet::Sheet;
use super::sheet_layout;
use super::sheet_match;
use super::technical_replicates;
use super::{
    Assay, CellFacts, Contrast, Dataset, DatasetError, Design, FeatureLevel, Inference, Problem,
    Quantity, Role, SampleMetadata, Severity, SheetDraft, Source, SourceFile, checks, proposals,
    roll_up,
};

/// A table as read, with the format it was taken for.
struct ReadTable {
    source: TableSource,
    format: &'static str,
    raw: RawTable,
    /// The cells it was made of, where it holds single cells.
    cells: Option<Cells>,
}

/// More samples than any experiment has.
const MOST_SAMPLES: usize = 50_000;

/// Reads one dataset.
pub(crate) struct Reader<'a> {
    inputs: Inputs,
    options: &'a ReadOptions,
    files: Vec<SourceFile>,
    inferences: Vec<Inference>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// A reader of these inputs.
    pub fn new(mut inputs: Inputs, options: &'a ReadOptions) -> Self {
        Self {
            files: inputs.manifest_file.take().into_iter().collect(),
            inferences: std::mem::take(&mut inputs.inferences),
            problems: std::mem::take(&mut inputs.problems),
            inputs,
            options,
        }
    }

    fn tables(&mut self) -> Result<Vec<ReadTable>, DatasetError> {
        let mut out = Vec::new();
        let is_fcs = |s: &TableSource| {
            container::kind(&s.path, &s.name).is_ok_and(|kind| kind == Content::Fcs)
        };
        let (cytometry, tables): (Vec<TableSource>, Vec<TableSource>) =
            self.inputs.tables.clone().into_iter().partition(is_fcs);
        if let Some(first) = cytometry.first() {
            let read = fcs::read(&cytometry)?;
            self.files.extend(read.files);
            self.inferences.push(read.inference);
            out.push(self.of_cells(first.clone(), fcs::NAME, read.cells)?);
        }
        for source in tables {
            let declared = source.overrides.quantity;
            let read = container::table(&source.path, &source.name, declared, &source.cells);
            let loaded = read.map_err(|fault| self.swapped(&source).unwrap_or(fault))?;
            self.files.push(SourceFile {
                read_as: loaded.format.to_string(),
                ..loaded.source
            });
            self.inferences.push(loaded.inference);
            out.push(match loaded.content {
                Measured::Cells(cells) => self.of_cells(source, loaded.format, cells)?,
                Measured::Table(mut raw) => {
                    let copies = copy_number::mark(&mut raw, &source.name, declared);
                    self.inferences.extend(copies);
                    ReadTable {
                        source,
                        format: loaded.format,
                        raw,
                        cells: None,
                    }
                }
            });
        }
        let rank = |t: &ReadTable| {
            let level = t.source.overrides.level.unwrap_or(t.raw.level);
            let quantity = t.source.overrides.quantity.unwrap_or(t.raw.quantity);
            let rolled_up = t.source.overrides.roll_up != Some(RollUpChoice::None);
            main_first(level, quantity, rolled_up)
        };
        out.sort_by_key(rank);
        self.features(&mut out)?;
        Ok(out)
    }

    /// The fault of a table and a sheet that were given for each other.
    fn swapped(&self, table: &TableSource) -> Option<DatasetError> {
        let sheet = self.options.samples.as_ref()?;
        let name = self.inputs.sheets.first()?.name.clone();
        let (rows, _) = container::sheet(&table.path, &table.name).ok()?;
        let measured = container::table(sheet, &name, None, &CellSource::default()).ok()?;
        let Measured::Table(measured) = measured.content else {
            return None;
        };
        let assignment = matching::assign(&Sheet::from_grid(&rows), &measured.columns, None)?;
        (assignment.pairs.len() >= 2).then(|| DatasetError::Swapped {
            table: table.name.clone(),
            sheet: name,
            found: format!(
                "{} of its {} columns of numbers are named in the rows of the first",
                assignment.pairs.len(),
                measured.columns.len()
            ),
        })
    }

    /// Adds what further tables say of the features.
    fn features(&mut self, tables: &mut [ReadTable]) -> Result<(), DatasetError> {
        for source in self.inputs.features.clone() {
            let (grid, file) = container::sheet(&source.path, &source.name)?;
            let joined = tables.iter_mut().find_map(|t| {
                Some((
                    t.source.name.clone(),
                    feature_table::join(&mut t.raw, &grid)?,
                ))
            });
            let Some((table, (said, problem))) = joined else {
                if source.found {
                    continue;
                }
                return Err(DatasetError::Manifest {
                    file: "dataset.yaml".to_string(),
                    message: format!(
                        "`features` names `{}`, and no column of it holds half of the ids of a table",
                        source.name
                    ),
                    hint: "give a table with one row per feature and a column of the ids that the table of measurements has".to_string(),
                });
            };
            self.files.push(SourceFile {
                read_as: "features".to_string(),
                ..file
            });
            self.inferences.push(Inference {
                what: format!("{} of `{table}`", said.what),
                ..said
            });
            self.problems.extend(problem);
        }
        Ok(())
    }

    /// Single cells as a table of the median signal of each marker, with the cells beside it.
    fn of_cells(
        &mut self,
        source: TableSource,
        format: &'static str,
        raw: RawCells,
    ) -> Result<ReadTable, DatasetError> {
        let panel = match &source.cells.panel {
            Some((path, name)) => {
                let (grid, file) = container::sheet(path, name)?;
                self.files.push(SourceFile {
                    read_as: "panel".to_string(),
                    ..file
                });
                Some(Panel::of(&grid))
            }
            None => None,
        };
        let sheet = raw.sheet.clone();
        let declared = cells::Declared {
            panel: panel.as_ref(),
            cofactor: source.cells.cofactor,
            scale: source.overrides.scale,
        };
        let prepared = Cells::prepare(raw, declared)?;
        self.inferences.extend(prepared.inferences);
        self.problems.extend(prepared.problems);
        let mut raw = cells::markers_table(&prepared.cells);
        raw.sheet = sheet;
        let overrides = TableOverrides {
            assay: Some(cells::MARKERS.to_string()),
            // What was declared of the file was used when its cells were brought to the scale of the analysis.
            scale: None,
            level: None,
            quantity: None,
            ..source.overrides
        };
        Ok(ReadTable {
            source: TableSource {
                overrides,
                ..source
            },
            format,
            raw,
            cells: Some(prepared.cells),
        })
    }

    /// Adds what the cells of the main table give beside the medians of their markers: the states of populations, which
    /// become the main assay, and their abundances.
    fn populations(
        &mut self,
        main: &ReadTable,
        columns: &[usize],
        samples: &SampleMetadata,
        assays: &mut IndexMap<String, Assay>,
    ) -> Option<CellFacts> {
        let cells = main.cells.as_ref()?;
        let made = cells::made(cells, columns, main.format, samples);
        self.inferences.extend(made.inferences);
        self.problems.extend(made.problems);
        for assay in [made.populations, made.states] {
            if assay.n_features() > 0 {
                assays.shift_insert(0, assay.name.clone(), assay);
            }
        }
        Some(made.facts)
    }

    fn sheets(&mut self) -> Result<Vec<(Sheet, Option<String>)>, DatasetError> {
        let mut out = Vec::new();
        for source in self.inputs.sheets.clone() {
            let (grid, file) = container::sheet(&source.path, &source.name)?;
            self.files.push(SourceFile {
                read_as: "sample_sheet".to_string(),
                ..file
            });
            out.push((Sheet::from_grid(&grid), source.id));
        }
        Ok(out)
    }

    /// Reads all files and builds the dataset.
    pub fn read(mut self) -> Result<Dataset, DatasetError> {
        let tables = self.tables()?;
        let Some((main, others)) = tables.split_first() else {
            return Err(self.no_table());
        };
        check_labels(main)?;
        let sheets = self.sheets()?;
        let matched = self.match_sheets(main, sheets)?;
        let mut built = metadata::build(&main.raw, &matched, &self.inputs.manifest, self.options)?;
        self.inferences.append(&mut built.inferences);
        self.problems.extend(
            std::mem::take(&mut built.problems)
                .into_iter()
                .map(|p| Problem {
                    file: p.file.or_else(|| Some(main.source.name.clone())),
                    ..p
                }),
        );
        let mut assays: IndexMap<String, Assay> = IndexMap::new();
        let mut choices = vec![main.source.overrides.roll_up];
        let divisors = built.denominators.as_deref();
        self.add_assay(main, &built.columns, divisors, &mut assays)?;
        self.say_ratios(main, &built);
        let cells = self.populations(main, &built.columns, &built.samples, &mut assays);
        for other in others {
            if self.add_other(main, other, &built, &matched, &mut assays)? {
                choices.push(other.source.overrides.roll_up);
            }
        }
        let mut samples = built.samples;
        if cells.is_none() {
            self.roll_up(&mut assays, &choices, &samples);
        }
        let declared = (self.options.declared.technical_replicates)
            .or(self.inputs.manifest.technical_replicates);
        let replicates = technical_replicates::settle(declared, &mut assays, &mut samples)?;
        self.inferences.extend(replicates);
        let manifest_name = "dataset.yaml";
        let dropped: Vec<String> = self.inputs.manifest.exclude.keys().cloned().collect();
        if self.options.samples.is_none() {
            self.inputs
                .manifest
                .check_columns(&samples, manifest_name, &dropped)?;
        }
        let quantity = assays[0].quantity;
        let references =
            proposals::set_references(&mut samples, &self.inputs.manifest.reference_levels);
        self.inferences.extend(references);
        let design = self.design(&samples, quantity)?;
        self.problems.extend(not_analysed(&assays[0]));
        if design.active().is_empty() {
            self.problems.push(Problem::new(
                Severity::Warn,
                "no_groups",
                "no variable groups the samples, so nothing can be compared",
                "give a sample sheet with a column `condition` (`--samples`)",
            ));
        }
        Ok(Dataset {
            cells,
            ..self.finish(assays, samples, design)
        })
    }

    /// A sample sheet to correct, from the main table and the main sheet.
    pub fn draft(mut self) -> Result<SheetDraft, DatasetError> {
        let tables = self.tables()?;
        let Some(main) = tables.first() else {
            return Err(self.no_table());
        };
        check_labels(main)?;
        let given = self.sheets()?.into_iter().next();
        let Some((sheet, id_name)) = given.or_else(|| main.raw.sheet.clone().map(|s| (s, None)))
        else {
            return Ok(SheetDraft::from_names(&main.raw.columns));
        };
        let id = self.id_column(&sheet, id_name.as_deref())?;
        let assignment = matching::assign(&sheet, &main.raw.columns, id);
        Ok(SheetDraft::from_sheet(
            &main.raw.columns,
            &sheet,
            assignment.as_ref(),
        ))
    }

    fn no_table(&self) -> DatasetError {
        DatasetError::NoTable {
            folder: self.inputs.name.clone(),
            seen: "`dataset.yaml` names no table".to_string(),
        }
    }

    /// The column of sample names, where one is declared.
    fn id_column(
        &self,
        sheet: &Sheet,
        declared: Option<&str>,
    ) -> Result<Option<usize>, DatasetError> {
        let identifiers: Vec<usize> = self
            .options
            .declared
            .roles
            .iter()
            .filter(|(_, role)| **role == Role::Identifier)
            .filter_map(|(name, _)| sheet.find(name))
            .collect();
        if let [only] = identifiers[..] {
            return Ok(Some(only));
        }
        let Some(name) = declared else {
            return Ok(None);
        };
        let found = sheet.find(name).ok_or_else(|| DatasetError::Manifest {
            file: "dataset.yaml".to_string(),
            message: format!("`id: {name}` is no column of `{}`", sheet.file),
            hint: format!("the columns are {}", sheet.header.join(", ")),
        })?;
        Ok(Some(found))
    }

    fn match_sheets(
        &mut self,
        main: &ReadTable,
        sheets: Vec<(Sheet, Option<String>)>,
    ) -> Result<Vec<MatchedSheet>, DatasetError> {
        let mut matched = Vec::new();
        let embedded = main.raw.sheet.clone().map(|s| (s, None));
        for (at, (sheet, id_name)) in sheets.into_iter().chain(embedded).enumerate() {
            let (sheet, roles) = sheet_layout::normalise(sheet);
            let id = self.id_column(&sheet, id_name.as_deref())?;
            let assignment = matching::assign(&sheet, &main.raw.columns, id);
            let (assignment, inference, mut problems) =
                sheet_match::judge(&sheet, &main.source.name, &main.raw.columns, assignment, id)?;
            if at > 0 {
                // Only the main sheet decides which columns are samples.
                problems.retain(|p| p.rule != "columns_without_sheet_row");
            }
            self.inferences.extend(sheet.inferences.iter().cloned());
            self.inferences.push(inference);
            self.problems.extend(problems);
            matched.push(MatchedSheet {
                sheet,
                assignment,
                roles,
            });
        }
        Ok(matched)
    }

    fn add_assay(
        &mut self,
        table: &ReadTable,
        keep: &[usize],
        divisors: Option<&[Vec<usize>]>,
        assays: &mut IndexMap<String, Assay>,
    ) -> Result<(), DatasetError> {
        let made = assemble::assemble(
            &table.raw,
            &table.source.name,
            table.format,
            keep,
            divisors,
            &table.source.overrides,
        )?;
        self.inferences.extend(made.inferences);
        self.problems.extend(made.problems);
        let assay = name_apart(made.assay, assays);
        assays.insert(assay.name.clone(), assay);
        Ok(())
    }

    /// Adds a further table, if it can be joined; samples it does not have become columns of missing values.
    fn add_other(
        &mut self,
        main: &ReadTable,
        table: &ReadTable,
        built: &Built,
        matched: &[MatchedSheet],
        assays: &mut IndexMap<String, Assay>,
    ) -> Result<bool, DatasetError> {
        let samples = &built.samples;
        let ids = &samples.ids;
        let place = columns_of_samples(&table.raw.columns, ids, matched);
        let keep: Vec<usize> = place.iter().flatten().copied().collect();
        if keep.is_empty() {
            self.problems.push(
                Problem::new(
                    Severity::Warn,
                    "table_without_samples",
                    "none of its columns is one of the samples; the table is left out",
                    "use the same sample names in all tables",
                )
                .in_file(table.source.name.clone()),
            );
            return Ok(false);
        }
        let divisors = divisors_in(main, table, built, &place);
        match self.add_assay(table, &keep, divisors.as_deref(), assays) {
            Ok(()) => {}
            Err(fault) if table.source.found => {
                self.problems.push(
                    Problem::new(
                        Severity::Warn,
                        "table_not_read",
                        format!("{fault}; the table is left out"),
                        fault.hint(),
                    )
                    .in_file(table.source.name.clone()),
                );
                return Ok(false);
            }
            Err(fault) => return Err(fault),
        }
        if let Some((_, assay)) = assays.last_mut() {
            let rank: Vec<Option<usize>> = place
                .iter()
                .map(|p| p.and_then(|c| keep.iter().position(|k| *k == c)))
                .collect();
            if rank.iter().enumerate().any(|(j, k)| *k != Some(j)) {
                assay.values = Matrix::from_fn(assay.values.rows(), ids.len(), |i, j| {
                    rank[j].map_or(f64::NAN, |k| assay.values.get(i, k))
                });
            }
            assay.columns = place
                .iter()
                .map(|p| p.map_or_else(String::new, |c| table.raw.columns[c].header.clone()))
                .collect();
        }
        let (said, problems) =
            join::report(&table.source.name, &table.raw.columns, &place, samples);
        self.inferences.push(said);
        self.problems.extend(problems);
        Ok(true)
    }

    /// Says that the values of the main table are ratios to a reference, where they are.
    fn say_ratios(&mut self, main: &ReadTable, built: &Built) {
        let Some(divisors) = &built.denominators else {
            return;
        };
        let mut used: Vec<&str> = (divisors.iter().flatten())
            .map(|&c| main.raw.columns[c].label.as_str())
            .collect();
        used.sort_unstable();
        used.dedup();
        self.inferences.push(Inference::new(
            format!("values of `{}`", main.source.name),
            format!(
                "log2 ratios to the reference channel of the plex, {} channels in all: {}",
                used.len(),
                used.join(", ")
            ),
            "`plex_reference` is declared; the mean of the logarithms is subtracted where a plex has several",
            "leave `--plex-reference` or `plex_reference:` out for the intensities themselves",
        ));
    }

    /// Adds proteins made of peptides where that is declared, or where there are no proteins otherwise.
    fn roll_up(
        &mut self,
        assays: &mut IndexMap<String, Assay>,
        choices: &[Option<RollUpChoice>],
        samples: &SampleMetadata,
    ) {
        let mut wanting = !assays.values().any(|a| {
            matches!(a.level, FeatureLevel::ProteinGroup | FeatureLevel::Gene)
                && a.quantity.is_abundance()
        });
        let mut first = wanting;
        for (at, choice) in choices.iter().enumerate() {
            let declared = choice.and_then(RollUpChoice::method);
            let peptides = assays.get_index(at).map(|(_, a)| a);
            let Some(peptides) = peptides.filter(|a| roll_up::is_of_peptides(a)) else {
                continue;
            };
            if declared.is_none() && (!wanting || choice.is_some()) {
                continue;
            }
            if let Some((proteins, said)) = roll_up::proteins(peptides, samples, declared) {
                wanting = false;
                self.inferences.push(said);
                let proteins = name_apart(proteins, assays);
                assays.insert(proteins.name.clone(), proteins);
                if std::mem::take(&mut first) {
                    assays.move_index(assays.len() - 1, 0);
                }
            }
        }
    }

    fn design(
        &self,
        samples: &super::SampleMetadata,
        quantity: super::Quantity,
    ) -> Result<Design, DatasetError> {
        let mut design = Design {
            proposed: proposals::propose(samples, quantity),
            ..Design::default()
        };
        if self.options.contrasts.is_empty() {
            for (mut contrast, blocked) in self.inputs.manifest.contrasts(samples)? {
                if !blocked {
                    contrast.blocking = proposals::blocking(&contrast, samples, quantity);
                }
                design.contrasts.push(contrast);
            }
        }
        for spec in &self.options.contrasts {
            let mut contrast = Contrast::parse_named(spec, samples)?;
            contrast.covariates = proposals::crossed_with(&contrast, samples);
            contrast.blocking = proposals::blocking(&contrast, samples, quantity);
            if design.contrasts.iter().all(|c| c.id != contrast.id) {
                design.contrasts.push(contrast);
            }
        }
        for (k, contrast) in design.contrasts.iter().enumerate() {
            let same = |c: &&Contrast| c.name.is_some() && c.name == contrast.name;
            if let Some(other) = design.contrasts[..k].iter().find(same) {
                return Err(DatasetError::UnknownContrast {
                    spec: contrast.title(),
                    found: format!("`{}` has the same name", other.id),
                    hint: "give every contrast its own name".to_string(),
                });
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for contrast in design.contrasts.iter().chain(&design.proposed) {
            if !seen.contains(&contrast.id.as_str()) {
                seen.push(&contrast.id);
                design.checks.extend(checks::check(contrast, samples));
            }
        }
        Ok(design)
    }

    fn finish(
        self,
        assays: IndexMap<String, Assay>,
        samples: super::SampleMetadata,
        design: Design,
    ) -> Dataset {
        let manifest = self.inputs.manifest;
        let mut hasher = blake3::Hasher::new();
        for file in &self.files {
            hasher.update(file.name.as_bytes());
            hasher.update(file.hash.as_bytes());
        }
        for text in self
            .options
            .contrasts
            .iter()
            .chain(&self.options.exclude)
            .chain(&self.options.name)
        {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        if !self.options.declared.is_empty() {
            hasher.update(format!("{:?}", self.options.declared).as_bytes());
        }
        for made in assays.values().filter_map(|a| a.rolled_up.as_ref()) {
            hasher.update(made.from.as_bytes());
            hasher.update(made.method.title().as_bytes());
        }
        Dataset {
            name: self.inputs.name,
            assays,
            samples,
            design,
            inferences: self.inferences,
            problems: self.problems,
            source: Source {
                title: manifest.title,
                organism: manifest.organism,
                licence: manifest.licence,
                origin: manifest.source,
                citation: manifest.citation,
                description: manifest.description,
                files: self.files,
                known_truth: manifest.known_truth,
            },
            content_hash: hasher.finalize().to_hex().to_string(),
            cells: None,
        }
    }
}

/// The reference channels of each sample that has a column in another table, by the names they have in the main one; none
/// where the other table lacks them.
fn divisors_in(
    main: &ReadTable,
    other: &ReadTable,
    built: &Built,
    place: &[Option<usize>],
) -> Option<Vec<Vec<usize>>> {
    let named = |c: &usize| {
        let wanted = canonical(&main.raw.columns[*c].label);
        (other.raw.columns.iter()).position(|o| canonical(&o.label) == wanted)
    };
    let divisors = built.denominators.as_ref()?;
    let measured = divisors.iter().zip(place).filter(|(_, p)| p.is_some());
    measured
        .map(|(columns, _)| columns.iter().map(named).collect())
        .collect()
}

/// The order in which tables are the main one: proteins, then peptides that become proteins, then what stands beside them,
/// then what is not analysed yet.
fn main_first(level: FeatureLevel, quantity: Quantity, rolled_up: bool) -> u8 {
    match (level, quantity) {
        (_, Quantity::Binary) => 5,
        (_, Quantity::CopyNumber) => 4,
        (FeatureLevel::ProteinGroup | FeatureLevel::Gene, _) => 0,
        (FeatureLevel::Peptide | FeatureLevel::Precursor, _) if rolled_up => 1,
        (
            FeatureLevel::Site
            | FeatureLevel::Marker
            | FeatureLevel::Transcript
            | FeatureLevel::Population
            | FeatureLevel::State,
            _,
        ) => 2,
        (FeatureLevel::Peptide | FeatureLevel::Precursor, _) => 3,
    }
}

/// Puts an assay under its name, or under its name and a number where that is taken.
fn name_apart(mut assay: Assay, assays: &IndexMap<String, Assay>) -> Assay {
    let base = assay.name.clone();
    let mut k = 1;
    while assays.contains_key(&assay.name) {
        k += 1;
        assay.name = format!("{base} {k}");
    }
    assay
}

/// What keeps the main assay from being analysed as it is.
fn not_analysed(assay: &Assay) -> Option<Problem> {
    let (message, fix) = match (assay.level, assay.quantity) {
        (FeatureLevel::Precursor | FeatureLevel::Peptide, _) => (
            format!(
                "its rows are {}, which say nothing of a protein unless they are rolled up, and {}; nothing is analysed",
                assay.level.plural(),
                if assay
                    .features
                    .iter()
                    .any(|f| !f.accessions.is_empty() || f.symbol.is_some())
                {
                    "`roll_up: none` is declared"
                } else {
                    "none of them names its protein"
                }
            ),
            "export the peptides with a column of their proteins (`Proteins`), give the table of proteins of the same search, or declare `roll_up:` or `level:` of the table in `dataset.yaml`",
        ),
        (_, Quantity::Binary) => (
            "its cells say present or absent, which is no abundance; nothing is analysed"
                .to_string(),
            "list a table of abundances before it under `tables:` in `dataset.yaml`",
        ),
        (_, Quantity::CopyNumber) => (
            "its cells are copy numbers of genes, which are no abundance; nothing is analysed"
                .to_string(),
            "list a table of abundances before it under `tables:` in `dataset.yaml`, or declare its `quantity:` there",
        ),
        _ => return None,
    };
    Some(
        Problem::new(Severity::Fail, "not_analysed", message, fix)
            .in_file(assay.file.to_string_lossy()),
    )
}

/// Sample names must differ before anything can be matched to them.
fn check_labels(table: &ReadTable) -> Result<(), DatasetError> {
    let columns = &table.raw.columns;
    if columns.len() > MOST_SAMPLES {
        return Err(too_large(
            &table.source.name,
            format!(
                "it has {} columns of measurements, and at most {MOST_SAMPLES} samples are taken",
                columns.len()
            ),
        ));
    }
    let (mut headers, mut labels) = (HashMap::new(), HashMap::new());
    for (k, column) in columns.iter().enumerate() {
        let header = *headers.entry(column.header.as_str()).or_insert(k);
        let label = *labels.entry(column.label.as_str()).or_insert(k);
        if let Some(first) = Some(header.min(label))
            .filter(|at| *at < k)
            .map(|at| &columns[at])
        {
            return Err(DatasetError::DuplicatedSample {
                file: table.source.name.clone(),
                name: column.label.clone(),
                places: if first.header == column.header {
                    format!("two columns are headed `{}`", column.header)
                } else {
                    format!("columns `{}` and `{}`", first.header, column.header)
                },
            });
        }
    }
    Ok(())
}
