//! Workbooks (XLSX, XLSB, XLS, ODS): every sheet as a grid, and which of them is the table and which the sample sheet.

use std::collections::{BTreeSet, HashMap};
use std::io::{Cursor, Read as _};

use calamine::{
    Cell, Data, DataRef, Range, Reader as _, SheetVisible, Sheets, XlsxError,
    open_workbook_auto_from_rs,
};
use zip::ZipArchive;

use super::super::body::grouped;
use super::super::formats;
use super::super::grid::Grid;
use super::super::header_rows;
use super::super::matching;
use super::super::open::SHEET_FOUND;
use super::super::sheet::Sheet;
use super::super::{DatasetError, Inference, Problem, Severity};
use super::compound::runs_in_circles;
use super::guard::guarded;
use super::opendocument::claimed_cells;
use super::packed::too_large;
use super::strangers;

/// The part of a table's samples that a second sheet must name to be its sample sheet.
const SHEET_COVERAGE: f64 = 0.8;

/// More cells than a sheet of measurements has: five thousand samples of ten thousand proteins.
const MOST_CELLS: usize = 50_000_000;
/// More bytes than the unpacked parts of a workbook may have.
const MOST_BYTES: u64 = 1 << 30;

/// The table of a workbook and what stands beside it.
pub(super) struct Chosen {
    /// The sheet with the measurements.
    pub table: Grid,
    /// The sheet about its samples.
    pub sheet: Option<Sheet>,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

/// The sheets of a workbook that hold a header and rows, at least one.
pub(super) fn grids(bytes: Vec<u8>, file: &str) -> Result<Vec<Grid>, DatasetError> {
    let ends = ends_of(&bytes);
    let refused = |why: &str| {
        let found = strangers::no_workbook(&ends, why);
        DatasetError::Binary {
            file: file.to_string(),
            looks_like: found.looks_like,
            hint: found.hint,
        }
    };
    guarded(|| check_size(&bytes, file)).map_err(|said| refused(&said))??;
    if runs_in_circles(&bytes) {
        return Err(refused("its sectors run in a circle"));
    }
    let mut book = guarded(|| open_workbook_auto_from_rs(Cursor::new(bytes)))
        .map_err(|said| refused(&said))?
        .map_err(|e| refused(&e.to_string()))?;
    // What was hidden is read only where nothing else is there.
    let sheets = book.sheets_metadata();
    let named = |visible: bool| -> Vec<String> {
        (sheets.iter())
            .filter(|s| (s.visible == SheetVisible::Visible) == visible)
            .map(|s| s.name.clone())
            .collect()
    };
    let (names, hidden) = (named(true), named(false));
    let (names, hidden) = if names.is_empty() {
        (hidden, names)
    } else {
        (names, hidden)
    };
    let mut grids = Vec::new();
    for name in &names {
        let (range, lines) =
            guarded(|| filled(&mut book, name, file)).map_err(|said| refused(&said))??;
        let called = if names.len() == 1 {
            file.to_string()
        } else {
            format!("{file} [{name}]")
        };
        grids.extend(grid(&range, &lines, &called)?);
    }
    if let (Some(first), false) = (grids.first_mut(), hidden.is_empty()) {
        first.problems.push(
            Problem::new(
                Severity::Note,
                "hidden_sheets",
                format!("its hidden sheets are not read: `{}`", hidden.join("`, `")),
                "unhide those you want, or save them as files of their own",
            )
            .in_file(file),
        );
    }
    if grids.is_empty() {
        return Err(DatasetError::Empty {
            file: file.to_string(),
            found: format!(
                "none of its {} sheets holds a header and a row",
                names.len()
            ),
        });
    }
    Ok(grids)
}

/// The beginning and the end of a file, which tell what it is.
fn ends_of(bytes: &[u8]) -> Vec<u8> {
    const LENGTH: usize = 1 << 20;
    let head = &bytes[..bytes.len().min(LENGTH)];
    let rest = &bytes[head.len()..];
    let tail = &rest[rest.len().saturating_sub(LENGTH)..];
    [head, tail].concat()
}

/// Refuses an archive whose parts unpack to more than a workbook has, before any of them is held in memory, and one that
/// stands for more cells.
fn check_size(bytes: &[u8], file: &str) -> Result<(), DatasetError> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Ok(());
    };
    // No part unpacks to more than about a thousand times its bytes.
    let parts = if (bytes.len() as u64) < MOST_BYTES >> 10 {
        0
    } else {
        archive.len()
    };
    let mut left = MOST_BYTES;
    for part in 0..parts {
        if let Ok(part) = archive.by_index(part) {
            left -= length(part.take(left));
        }
        if left == 0 {
            return Err(too_large(
                file,
                format!("its parts unpack to more than {} MB", MOST_BYTES >> 20),
            ));
        }
    }
    let mut content = Vec::new();
    let read = archive
        .by_name("content.xml")
        .is_ok_and(|mut part| part.read_to_end(&mut content).is_ok());
    let cells = if read { claimed_cells(&content) } else { 0 };
    if cells > MOST_CELLS as u64 {
        return Err(too_large(
            file,
            format!("its sheets stand for {cells} cells, at most {MOST_CELLS} are read"),
        ));
    }
    Ok(())
}

/// Bytes up to the end or to a fault.
fn length(mut part: impl std::io::Read) -> u64 {
    let mut block = vec![0; 1 << 16];
    let mut bytes = 0;
    while let Ok(n @ 1..) = part.read(&mut block) {
        bytes += n as u64;
    }
    bytes
}

type Book = Sheets<Cursor<Vec<u8>>>;

/// The filled cells of a sheet without the empty rows and columns between them, and the line of every row. A sheet may
/// claim a million rows and hold ten cells.
fn filled(
    book: &mut Book,
    name: &str,
    file: &str,
) -> Result<(Range<Data>, Vec<usize>), DatasetError> {
    let unreadable = |cause: String| DatasetError::Unreadable {
        file: file.to_string(),
        cause: format!("sheet `{name}`: {cause}"),
    };
    let mut cells: Vec<Cell<Data>> = Vec::new();
    let mut add = |cell: Cell<DataRef<'_>>| {
        let at = cell.get_position();
        let value = Data::from(cell.get_value().clone());
        if !is_empty(&value) {
            cells.push(Cell::new(at, value));
        }
        if cells.len() > MOST_CELLS {
            return Err(too_large(
                file,
                format!("sheet `{name}` has more than {MOST_CELLS} cells"),
            ));
        }
        Ok(())
    };
    match book {
        Sheets::Xlsx(book) => match book.worksheet_cells_reader(name) {
            Ok(mut reader) => {
                while let Some(cell) = reader.next_cell().map_err(|e| unreadable(e.to_string()))? {
                    add(cell)?;
                }
            }
            Err(XlsxError::NotAWorksheet(_)) => {}
            Err(e) => return Err(unreadable(e.to_string())),
        },
        Sheets::Xlsb(book) => {
            let mut reader = book
                .worksheet_cells_reader(name)
                .map_err(|e| unreadable(e.to_string()))?;
            while let Some(cell) = reader.next_cell().map_err(|e| unreadable(e.to_string()))? {
                add(cell)?;
            }
        }
        // These two do not grow beyond what the program that writes them allows.
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let range = book
                .worksheet_range(name)
                .map_err(|e| unreadable(e.to_string()))?;
            let top = range.start().map_or(0, |(row, _)| row as usize);
            let lines = (0..range.height()).map(|i| top + i + 1).collect();
            return Ok((range, lines));
        }
    }
    let rows: BTreeSet<u32> = cells.iter().map(|c| c.get_position().0).collect();
    let columns: BTreeSet<u32> = cells.iter().map(|c| c.get_position().1).collect();
    if rows.len().saturating_mul(columns.len()) > MOST_CELLS {
        return Err(too_large(
            file,
            format!(
                "sheet `{name}` has {} rows and {} columns, of which {} cells are filled",
                rows.len(),
                columns.len(),
                cells.len()
            ),
        ));
    }
    let place =
        |all: &BTreeSet<u32>| -> HashMap<u32, u32> { all.iter().copied().zip(0u32..).collect() };
    let (row_of, column_of) = (place(&rows), place(&columns));
    let close = cells.into_iter().map(|cell| {
        let (row, column) = cell.get_position();
        let at = (row_of[&row], column_of[&column]);
        Cell::new(at, cell.get_value().clone())
    });
    let range = Range::from_sparse(close.collect());
    Ok((range, rows.iter().map(|row| *row as usize + 1).collect()))
}

/// A sheet as a grid: empty rows and columns go, rows above the header too; none where no table is left.
fn grid(range: &Range<Data>, lines: &[usize], file: &str) -> Result<Option<Grid>, DatasetError> {
    let filled = |row: &[Data]| row.iter().filter(|c| !is_empty(c)).count();
    let rows: Vec<(usize, &[Data])> = range
        .rows()
        .zip(lines)
        .map(|(row, line)| (*line, row))
        .filter(|(_, row)| filled(row) > 0)
        .collect();
    let widths: Vec<usize> = rows.iter().map(|(_, row)| filled(row)).collect();
    let Some(at) = header_rows::header_at(&widths) else {
        return Ok(None);
    };
    let (title, rows) = rows.split_at(at);
    let Some(((header_line, header), body)) = rows.split_first().filter(|(_, b)| !b.is_empty())
    else {
        return Ok(None);
    };
    let used: Vec<usize> = (0..header.len())
        .filter(|&j| rows.iter().any(|(_, row)| !is_empty(&row[j])))
        .collect();
    let mut names: Vec<String> = used.iter().map(|&j| text(&header[j])).collect();
    let above: Vec<Vec<String>> = (title.iter())
        .map(|(_, row)| used.iter().map(|&j| text(&row[j])).collect())
        .collect();
    let (groups, facts) = header_rows::group_rows(&above, &mut names);
    let mut grid = Grid::from_rows(
        file,
        names,
        body.iter()
            .map(|(line, row)| (*line, used.iter().map(|&j| text(&row[j])).collect()))
            .collect(),
    )?;
    grid.about_columns.extend(facts);
    grid.inferences.extend(grouped(file, &groups));
    if !title.is_empty() {
        let said: Vec<String> = title
            .iter()
            .flat_map(|(_, row)| row.iter().filter(|c| !is_empty(c)).map(text))
            .take(2)
            .map(|t| format!("`{}`", t.chars().take(60).collect::<String>()))
            .collect();
        grid.inferences.push(Inference::new(
            format!("header of `{file}`"),
            format!("row {header_line}"),
            format!(
                "the {} rows above it are not as wide as the table: {}",
                title.len(),
                said.join(", ")
            ),
            "delete the rows above the header",
        ));
    }
    for (k, &j) in used.iter().enumerate() {
        grid.problems
            .extend(dates_among_text(&grid.header[k], j, body, file));
    }
    Ok(Some(grid))
}

/// Gene symbols such as SEPT2 and MARCH1 that the spreadsheet took for dates.
fn dates_among_text(
    name: &str,
    column: usize,
    rows: &[(usize, &[Data])],
    file: &str,
) -> Option<Problem> {
    let is_date = |c: &Data| {
        matches!(c, Data::DateTime(d) if d.is_datetime()) || matches!(c, Data::DateTimeIso(_))
    };
    let dates: Vec<&(usize, &[Data])> = rows.iter().filter(|(_, r)| is_date(&r[column])).collect();
    let texts = rows
        .iter()
        .filter(|(_, r)| matches!(r[column], Data::String(_)))
        .count();
    let (line, row) = dates.first()?;
    (dates.len() * 5 <= texts).then(|| {
        Problem::new(
            Severity::Warn,
            "dates_among_names",
            format!(
                "{} of {} cells are dates, the first `{}`: a spreadsheet takes symbols such as `SEPT2` and `MARCH1` for dates",
                dates.len(),
                rows.len(),
                text(&row[column])
            ),
            "put the names back from the search engine's own table",
        )
        .in_file(file)
        .in_column(name)
        .at_row(*line)
    })
}

fn is_empty(cell: &Data) -> bool {
    match cell {
        Data::Empty => true,
        Data::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A cell as it would stand in a text table; dates as `2020-06-18`.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.trim().to_string(),
        Data::DateTime(date) if date.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let day = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) {
                day
            } else {
                format!("{day} {hour:02}:{minute:02}:{second:02}")
            }
        }
        Data::DateTime(span) => span.as_f64().to_string(),
        Data::DateTimeIso(date) => date.strip_suffix("T00:00:00").unwrap_or(date).to_string(),
        other => other.to_string(),
    }
}

/// The first sheet that a format recognises and that is not the sample sheet of another; with it the one that is.
pub(super) fn choose(mut grids: Vec<Grid>, file: &str) -> Chosen {
    let tables: Vec<Option<(u32, Vec<formats::SampleColumn>)>> = grids
        .iter()
        .map(|grid| {
            let (format, evidence) = formats::detect(grid)?;
            let raw = format.read(grid, None).ok()?;
            Some((evidence.score, raw.columns))
        })
        .collect();
    let describes = |k: usize, t: usize| {
        let Some((_, columns)) = tables[t].as_ref().filter(|_| t != k) else {
            return false;
        };
        let sheet = Sheet::from_grid(&grids[k]);
        let pairs = matching::assign(&sheet, columns, None).map_or(0, |a| a.pairs.len());
        sheet.rows.len() <= 4 * columns.len() + 100
            && pairs >= 2
            && pairs as f64 >= SHEET_COVERAGE * columns.len() as f64
    };
    let all = 0..grids.len();
    let mut candidates: Vec<usize> = all
        .clone()
        .filter(|&k| tables[k].is_some() && !all.clone().any(|t| describes(k, t)))
        .collect();
    candidates.sort_by_key(|&k| std::cmp::Reverse(tables[k].as_ref().map_or(0, |t| t.0)));
    let main = candidates.first().copied().unwrap_or(0);
    let about = all.clone().find(|&k| describes(k, main));
    let mut inferences = Vec::new();
    let mut problems = Vec::new();
    if grids.len() > 1 {
        inferences.push(Inference::new(
            format!("sheet of `{file}`"),
            format!("`{}`", grids[main].file),
            match &tables[main] {
                Some(_) => "it is the first one with columns of measurements",
                None => "it is the first one with a header and rows",
            },
            "save the wanted sheet as a file of its own",
        ));
    }
    if let Some(k) = about {
        inferences.push(Inference::new(
            SHEET_FOUND,
            format!("`{}`", grids[k].file),
            "one of its columns names the table's samples",
            "give another one with `--samples`",
        ));
    }
    let others: Vec<String> = candidates
        .iter()
        .skip(1)
        .map(|&k| format!("`{}`", grids[k].file))
        .collect();
    if !others.is_empty() {
        problems.push(
            Problem::new(
                Severity::Warn,
                "several_tables",
                format!(
                    "further sheets hold measurements and are not read: {}",
                    others.join(", ")
                ),
                "save those you want as files of their own",
            )
            .in_file(file),
        );
    }
    let sheet = about.map(|k| Sheet::from_grid(&grids[k]));
    Chosen {
        table: grids.swap_remove(main),
        sheet,
        inferences,
        problems,
    }
}
