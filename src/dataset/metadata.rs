//! From matched sheets to typed sample metadata with roles.

use std::collections::BTreeMap;

use super::controls::{self, Controls};
use super::formats::RawTable;
use super::label::{canonical, run_name};
use super::manifest::Manifest;
use super::matching::Assignment;
use super::na_label::{self, NaMeaning};
use super::plex_reference::{self, References};
use super::sheet::Sheet;
use super::sheet_layout::LayoutRoles;
use super::sheet_match::row_name;
use super::typing::{self, MissingCodes};
use super::{
    DatasetError, ExcludedSample, Inference, Problem, Quantity, ReadOptions, Role, SampleMetadata,
    Severity, name_check, name_design, roles,
};

/// A sheet with its rows matched to columns of the main table.
#[derive(Debug, Clone)]
pub(crate) struct MatchedSheet {
    /// The sheet.
    pub sheet: Sheet,
    /// Which row belongs to which column.
    pub assignment: Assignment,
    /// Roles that follow from the layout of the sheet.
    pub roles: LayoutRoles,
}

/// Sample metadata and the table columns it describes, in the same order.
pub(crate) struct Built {
    /// The metadata.
    pub samples: SampleMetadata,
    /// Position of each sample's column in the main table.
    pub columns: Vec<usize>,
    /// For each sample the columns of the main table that it is divided by, where ratios to a reference are declared.
    pub denominators: Option<Vec<Vec<usize>>>,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

/// Builds the metadata: the first sheet decides which columns are samples, the others add variables.
pub(crate) fn build(
    table: &RawTable,
    sheets: &[MatchedSheet],
    manifest: &Manifest,
    options: &ReadOptions,
) -> Result<Built, DatasetError> {
    let declared = &options.declared;
    let controls = if declared.keep_controls || manifest.keep_controls {
        Controls::default()
    } else {
        controls::find(table, sheets)
    };
    let mut inferences = controls.inferences.clone();
    let mut problems = controls.problems.clone();
    let divisor = (declared.plex_reference.as_deref())
        .or(manifest.plex_reference.as_ref().map(|w| w.0.as_str()));
    let references = divisor
        .map(|label| plex_reference::find(label, table, sheets))
        .transpose()?;
    let (columns, ids, excluded) = choose_samples(
        table,
        sheets,
        manifest,
        &options.exclude,
        &controls,
        references.as_ref(),
        &mut problems,
    )?;
    let mut samples = SampleMetadata::new(ids);
    samples.excluded = excluded;
    let codes = MissingCodes {
        declared: manifest.missing_codes.clone(),
    };
    let mut id_names: Vec<String> = Vec::new();
    for matched in sheets {
        add_sheet(
            matched,
            &columns,
            &codes,
            &mut samples,
            &mut id_names,
            &mut problems,
        )?;
    }
    let said = roles::said(&samples, sheets, manifest, declared)?;
    roles::assign(&mut samples, &said, &id_names);
    for (column, assay) in &manifest.derived_from {
        if let Some(variable) = samples.variables.get_mut(column) {
            variable.derived_from = Some(assay.clone());
        }
    }
    let labels: Vec<String> = columns
        .iter()
        .map(|&c| table.columns[c].label.clone())
        .collect();
    let reporters = table.quantity == Quantity::ReporterIntensity
        && samples.with_role(Role::Plex).next().is_none();
    let plex = name_design::plexes(&labels).filter(|_| reporters);
    let grouped = samples
        .variables
        .values()
        .any(|v| matches!(v.role, Role::Condition | Role::Clinical) && v.levels().len() > 1);
    // Who declares the role of every variable has said which of them is the subject, or that none is.
    let all_declared = (samples.variables.keys()).all(|name| manifest.roles.contains_key(name));
    if grouped && !all_declared {
        inferences.extend(name_design::add_subject(&mut samples));
        let names: Vec<&str> = (columns.iter())
            .map(|&c| table.columns[c].header.as_str())
            .collect();
        inferences.extend(name_design::add_dates(&mut samples, &names));
    } else if !grouped && plex.is_none() {
        let design = name_design::infer(&samples.ids);
        for variable in design.variables {
            if !samples.variables.contains_key(&variable.name) {
                samples.insert(variable);
            }
        }
        inferences.extend(design.inferences);
    }
    if let Some(plex) = plex {
        inferences.push(Inference::new(
            "plexes",
            format!(
                "{} plexes: {}",
                plex.levels().len(),
                plex.levels().join(", ")
            ),
            plex.reason.clone(),
            "add a column `plex` to the sample sheet",
        ));
        samples.insert(plex);
    }
    problems.extend(name_check::contradictions(&samples));
    problems.extend(name_check::similar_levels(&samples));
    for role in SHOWN_ROLES {
        let names: Vec<String> = samples
            .with_role(role)
            .map(|v| format!("`{}` ({})", v.name, v.reason))
            .collect();
        if !names.is_empty() {
            inferences.push(Inference::new(
                format!("variables used as {}", role_words(role)),
                names.join(", "),
                "names and values of the columns",
                "say otherwise with `--role COLUMN=ROLE` or `--ignore COLUMN`, or declare `roles:` in `dataset.yaml`",
            ));
        }
    }
    let denominators = references
        .map(|r| plex_reference::denominators(&r, table, sheets, &samples, &columns))
        .transpose()?;
    Ok(Built {
        samples,
        columns,
        denominators,
        inferences,
        problems,
    })
}

/// Roles that change what is compared or how, and are told.
const SHOWN_ROLES: [Role; 10] = [
    Role::Condition,
    Role::Plex,
    Role::Batch,
    Role::RunOrder,
    Role::Subject,
    Role::Covariate,
    Role::Replicate,
    Role::TechnicalReplicate,
    Role::Time,
    Role::Event,
];

fn role_words(role: Role) -> String {
    let mut words = String::new();
    for c in format!("{role:?}").chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

/// In a table of so many columns and without a sheet, a column without values is a failed run, not a fault of the file.
const MANY_COLUMNS: usize = 20;

fn nothing_measured(table: &RawTable, column: usize) -> bool {
    let width = table.columns.len();
    let mut cells = table.values.iter().skip(column).step_by(width);
    cells.all(|v| v.is_nan() || *v == 0.0)
}

type Chosen = (Vec<usize>, Vec<String>, Vec<ExcludedSample>);

fn choose_samples(
    table: &RawTable,
    sheets: &[MatchedSheet],
    manifest: &Manifest,
    exclude: &[String],
    controls: &Controls,
    references: Option<&References>,
    problems: &mut Vec<Problem>,
) -> Result<Chosen, DatasetError> {
    let mut excluded = table.set_apart.clone();
    let mut columns = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    let by_name = manifest.exclude.get("sample");
    for (c, column) in table.columns.iter().enumerate() {
        let row = sheets.first().map(|m| {
            m.assignment
                .pairs
                .iter()
                .find(|(_, b)| *b == c)
                .map(|(r, _)| *r)
        });
        let id = match row {
            Some(Some(r)) => shorter_name(
                &row_name(&sheets[0].sheet, &sheets[0].assignment, r),
                &column.label,
            ),
            Some(None) => {
                excluded.push(ExcludedSample {
                    id: column.label.clone(),
                    reason: format!("no row in `{}`", sheets[0].sheet.file),
                });
                continue;
            }
            None => column.label.clone(),
        };
        let named =
            |wanted: &str| wanted == id || wanted == column.header || wanted == column.label;
        let failed_run =
            sheets.is_empty() && table.columns.len() >= MANY_COLUMNS && nothing_measured(table, c);
        let reason = if failed_run {
            problems.push(
                Problem::new(
                    Severity::Warn,
                    "empty_column",
                    format!(
                        "it has no value in any of {} rows and is left out",
                        table.features.len()
                    ),
                    "remove the column, or export the table again",
                )
                .in_column(column.header.clone()),
            );
            Some("no value in any row".to_string())
        } else if let Some(references) = references.filter(|r| r.columns.contains(&c)) {
            Some(format!("the reference of its plex, `{}`", references.label))
        } else if exclude.iter().any(|e| named(e)) {
            Some("left out on the command line".to_string())
        } else if let Some(reason) = controls.columns.get(&c) {
            Some(reason.clone())
        } else if by_name.is_some_and(|v| {
            v.contains(&id) || v.contains(&column.label) || v.contains(&column.header)
        }) {
            Some("excluded in `dataset.yaml`".to_string())
        } else {
            sheets
                .iter()
                .find_map(|m| excluded_by_value(m, c, manifest))
        };
        match reason {
            Some(reason) => excluded.push(ExcludedSample { id, reason }),
            None => {
                columns.push(c);
                ids.push(id);
            }
        }
    }
    for column in manifest.exclude.keys().filter(|k| *k != "sample") {
        if !sheets.is_empty() && sheets.iter().all(|m| m.sheet.find(column).is_none()) {
            return Err(DatasetError::Manifest {
                file: "dataset.yaml".to_string(),
                message: format!("`exclude` names the column `{column}`, which no sheet has"),
                hint: "use a header of a sheet, or `sample` for sample names".to_string(),
            });
        }
    }
    if columns.is_empty() {
        let mut reasons: Vec<&str> = excluded.iter().map(|e| e.reason.as_str()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        return Err(DatasetError::NoSamples {
            found: format!(
                "all {} are left out, because {}",
                excluded.len(),
                reasons.join(", ")
            ),
        });
    }
    Ok((columns, ids, excluded))
}

fn excluded_by_value(matched: &MatchedSheet, column: usize, manifest: &Manifest) -> Option<String> {
    let row = matched
        .assignment
        .pairs
        .iter()
        .find(|(_, b)| *b == column)
        .map(|(r, _)| *r)?;
    manifest.exclude.iter().find_map(|(name, values)| {
        let j = matched.sheet.find(name)?;
        let cell = &matched.sheet.rows[row][j];
        values
            .contains(cell)
            .then(|| format!("`{name}` is `{cell}`"))
    })
}

/// The sheet's name for a sample unless the table's is the same without clutter.
fn shorter_name(sheet: &str, label: &str) -> String {
    let (a, b) = (canonical(run_name(sheet)), canonical(label));
    let same_but_longer = sheet.len() > label.len() && a.ends_with(&b) && !b.is_empty();
    if same_but_longer {
        label.to_string()
    } else {
        sheet.to_string()
    }
}

fn add_sheet(
    matched: &MatchedSheet,
    columns: &[usize],
    codes: &MissingCodes,
    samples: &mut SampleMetadata,
    id_names: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) -> Result<(), DatasetError> {
    let sheet = &matched.sheet;
    let row_of: BTreeMap<usize, usize> = matched
        .assignment
        .pairs
        .iter()
        .map(|(r, c)| (*c, *r))
        .collect();
    let rows: Vec<Option<usize>> = columns.iter().map(|c| row_of.get(c).copied()).collect();
    for (j, name) in sheet.header.iter().enumerate() {
        if samples.variables.contains_key(name) {
            let same = rows.iter().enumerate().all(|(s, r)| {
                r.is_none_or(|r| {
                    samples.variables[name]
                        .group_of(s)
                        .is_none_or(|g| g == sheet.rows[r][j])
                })
            });
            if !same {
                problems.push(
                    Problem::new(
                        Severity::Warn,
                        "variable_in_two_sheets",
                        format!("`{name}` is in an earlier sheet with other values; this one is not used"),
                        "rename one of the columns",
                    )
                    .in_file(sheet.file.clone())
                    .in_column(name.clone()),
                );
            }
            continue;
        }
        let mut column_codes = codes.clone();
        if codes.declared.is_none() {
            match na_label::meaning(sheet, j)? {
                NaMeaning::Level(problem) => {
                    column_codes.declared = Some(Vec::new());
                    problems.push(problem);
                }
                NaMeaning::Missing(problem) => problems.extend(problem),
            }
        }
        let cells: Vec<Option<&str>> = rows
            .iter()
            .map(|r| r.map(|r| sheet.rows[r][j].as_str()))
            .collect();
        let is_id = matched.assignment.id_columns == [j];
        let (mut variable, problem) = typing::variable(
            name,
            &cells,
            &column_codes,
            roles::numbers_in(name),
            &sheet.file,
        );
        variable.file = Some(sheet.file.clone());
        problems.extend(problem);
        if is_id {
            id_names.push(name.clone());
        }
        samples.insert(variable);
    }
    Ok(())
}
