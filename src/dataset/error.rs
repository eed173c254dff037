//! What can be wrong with the input: one variant per kind of fault, each naming file, column and row, each with a hint.

/// Input that cannot be used. The message says what was looked for and what was found; [`DatasetError::hint`] says how
/// to fix it. Rows are 1-based lines of the file, the header being line 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatasetError {
    /// Nothing at the given path.
    #[error("no file or folder `{path}`")]
    Missing {
        /// The path as given.
        path: String,
    },
    /// The operating system refused to read a file.
    #[error("cannot read `{file}`: {cause}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        cause: String,
    },
    /// A file that cannot be written.
    #[error("cannot write `{file}`: {cause}")]
    Unwritable {
        /// The file.
        file: String,
        /// What the system said.
        cause: String,
    },
    /// A file without content, or a header without rows.
    #[error("`{file}` is empty: {found}")]
    Empty {
        /// The file.
        file: String,
        /// What there is instead of a table.
        found: String,
    },
    /// A file that is no table of samples.
    #[error("`{file}` is not a table of samples: it looks like {looks_like}")]
    Binary {
        /// The file.
        file: String,
        /// What the bytes look like.
        looks_like: String,
        /// What to do.
        hint: String,
    },
    /// A file that stops in the middle.
    #[error("`{file}` is truncated: {detail}")]
    Truncated {
        /// The file.
        file: String,
        /// Where it stops.
        detail: String,
    },
    /// A file that would not fit into memory.
    #[error("`{file}` is too large to be read as a whole: {found}")]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        found: String,
    },
    /// A binary file that is not as its format says.
    #[error("`{file}` cannot be read as {kind}: {detail}")]
    Malformed {
        /// The file.
        file: String,
        /// The format.
        kind: String,
        /// What is wrong.
        detail: String,
        /// What to do.
        hint: String,
    },
    /// A row with the wrong number of cells.
    #[error("row {row} of `{file}` has {found} cells where the header has {expected} columns")]
    Ragged {
        /// The file.
        file: String,
        /// The line.
        row: usize,
        /// Columns of the header.
        expected: usize,
        /// Cells found.
        found: usize,
    },
    /// A folder without a table that can be read.
    #[error("no table of measurements in folder `{folder}`: {seen}")]
    NoTable {
        /// The folder.
        folder: String,
        /// What the files were taken for.
        seen: String,
    },
    /// A table whose columns belong to no known format.
    #[error("`{file}` is in no known format: {found}")]
    UnknownFormat {
        /// The file.
        file: String,
        /// What was looked for and what the header holds.
        found: String,
        /// What to do.
        hint: String,
    },
    /// A table without measurements.
    #[error("`{file}` has no numeric column of measurements: {found}")]
    NoNumbers {
        /// The file.
        file: String,
        /// What the columns hold.
        found: String,
    },
    /// Text in a column of measurements.
    #[error("`{value}` in row {row}, column `{column}` of `{file}` is not a number")]
    NotANumber {
        /// The file.
        file: String,
        /// The column header.
        column: String,
        /// The line.
        row: usize,
        /// The cell.
        value: String,
    },
    /// Sheet rows and table columns that do not belong together.
    #[error("sample sheet `{sheet}` does not match `{table}`: {found}")]
    SheetMismatch {
        /// The sheet.
        sheet: String,
        /// The table.
        table: String,
        /// Rows and columns left over, with lines.
        found: String,
        /// The nearest matches and what to do.
        hint: String,
    },
    /// Nothing is left to analyse.
    #[error("no sample is left: {found}")]
    NoSamples {
        /// What left them out.
        found: String,
    },
    /// A sheet given where the table belongs, or the other way round.
    #[error(
        "`{table}` looks like a sample sheet and `{sheet}`, given as the sample sheet, like a table: {found}"
    )]
    Swapped {
        /// What was given as the table.
        table: String,
        /// What was given as the sheet.
        sheet: String,
        /// The evidence.
        found: String,
    },
    /// Two samples of one name.
    #[error("sample `{name}` occurs more than once in `{file}`: {places}")]
    DuplicatedSample {
        /// The file.
        file: String,
        /// The name.
        name: String,
        /// The columns or rows.
        places: String,
    },
    /// Two features of one id.
    #[error("id `{id}` occurs more than once in column `{column}` of `{file}`: rows {rows}")]
    DuplicatedFeature {
        /// The file.
        file: String,
        /// The id column.
        column: String,
        /// The id.
        id: String,
        /// The lines.
        rows: String,
    },
    /// A sample in which nothing was measured.
    #[error("column `{column}` of `{file}` has no value in any of its {rows} rows{found}")]
    AllMissing {
        /// The file.
        file: String,
        /// The column header.
        column: String,
        /// Rows looked at.
        rows: usize,
        /// What it holds in place of values; empty where it holds nothing.
        found: String,
    },
    /// A label that may be a group or may mean missing.
    #[error(
        "label `{label}` in row {row}, column `{column}` of `{file}` may be a group or may mean missing"
    )]
    AmbiguousLabel {
        /// The file.
        file: String,
        /// The column header.
        column: String,
        /// The first line with the label.
        row: usize,
        /// The label.
        label: String,
    },
    /// A contrast that cannot be read against the samples.
    #[error("no contrast `{spec}` in these samples: {found}")]
    UnknownContrast {
        /// What was asked for.
        spec: String,
        /// What there is.
        found: String,
        /// What to write instead.
        hint: String,
    },
    /// A role given on the command line to a column that is not there.
    #[error("no column `{column}` in the sample sheet: {found}")]
    UnknownColumn {
        /// The column.
        column: String,
        /// What there is.
        found: String,
        /// What to write instead.
        hint: String,
    },
    /// Reference channels that cannot be divided by.
    #[error("cannot take ratios to the reference `{label}` of each plex: {found}")]
    PlexReference {
        /// What was asked for.
        label: String,
        /// What there is.
        found: String,
        /// What to do.
        hint: String,
    },
    /// A `dataset.yaml` that cannot be followed.
    #[error("`{file}`: {message}")]
    Manifest {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
        /// What to write instead.
        hint: String,
    },
}

impl DatasetError {
    /// How to fix it, in one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { .. } => "check the spelling; give a table, or a folder that holds one".into(),
            Self::Unreadable { .. } => "check that the file exists, is a plain file and may be read".into(),
            Self::Unwritable { .. } => "give a path in a folder that exists and may be written to".into(),
            Self::Empty { .. } => "export the table again: it needs a header and at least one row".into(),
            Self::Truncated { .. } => "copy or export the file again; the copy here is incomplete".into(),
            Self::TooLarge { .. } => {
                "give the columns that are needed, a long report (one row per run and feature, which is read row by row), or several tables".into()
            }
            Self::Ragged { found, expected, .. } if found < expected => {
                "the row is too short: complete it, or export the file again if this is the last row".into()
            }
            Self::Ragged { .. } => {
                "the row is too long: quote cells that contain the delimiter, or remove the extra cells".into()
            }
            Self::NoTable { .. } => {
                "name the table on the command line, or under `tables:` in a `dataset.yaml` in the folder".into()
            }
            Self::NoSamples { .. } => {
                "take values out of `exclude:` in `dataset.yaml`, or keep controls with `--keep-controls`".into()
            }
            Self::Swapped { table, sheet, .. } => {
                format!("exchange them: `proteus inspect {sheet} --samples {table}`")
            }
            Self::NoNumbers { .. } => {
                "give a table with one column of numbers per sample (or one row per sample)".into()
            }
            Self::NotANumber { .. } => {
                "correct the cell; leave it empty or write `NA` where nothing was measured".into()
            }
            Self::DuplicatedSample { .. } => "give every sample its own name".into(),
            Self::DuplicatedFeature { .. } => {
                "make the ids unique, or add a column of accessions; if rows are peptides or ions, give the table of proteins".into()
            }
            Self::AllMissing { found, .. } if found.contains("negative") => {
                "declare `scale: log2` of the table in `dataset.yaml` if its numbers are logarithms or ratios; remove the column, or the signs, if they are intensities".into()
            }
            Self::AllMissing { column, .. } => format!(
                "remove the column, leave `{column}` out of the sample sheet, or list it under `exclude:` in `dataset.yaml`"
            ),
            Self::AmbiguousLabel { label, .. } => format!(
                "rename the group, or write `missing_codes: []` in `dataset.yaml` if `{label}` is a group and \
                 `missing_codes: [{label}]` if it means missing"
            ),
            Self::Binary { hint, .. }
            | Self::Malformed { hint, .. }
            | Self::UnknownFormat { hint, .. }
            | Self::SheetMismatch { hint, .. }
            | Self::UnknownContrast { hint, .. }
            | Self::UnknownColumn { hint, .. }
            | Self::PlexReference { hint, .. }
            | Self::Manifest { hint, .. } => hint.clone(),
        }
    }
}
