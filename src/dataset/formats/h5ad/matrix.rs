//! The measurements: dense or sparse, in `X`, `raw/X` or a layer.

use hdf5_pure::{Dataset, File, Group};

use super::frame::{bounded, texts};

/// A scaled matrix has at least this share of negative values.
const SCALED: f64 = 0.2;
/// Names of layers that hold what was measured.
const LAYERS: [&str; 5] = ["counts", "raw", "raw_counts", "intensities", "exprs_raw"];

/// A matrix of cells × features.
pub(super) struct Chosen {
    /// Row by row.
    pub values: Vec<f32>,
    /// Where it lay.
    pub place: String,
    /// Why it was taken, where there was a choice.
    pub because: Option<String>,
}

/// Takes `X`, or what was measured in its place where `X` is scaled; the caller has seen to it that the size fits memory.
pub(super) fn choose(file: &File, rows: usize, columns: usize) -> Result<Chosen, String> {
    let size = rows * columns;
    if size == 0 {
        return Err(format!("it has {rows} cells and {columns} features"));
    }
    let scaled = |values: &[f32]| {
        let negative = values.iter().filter(|v| **v < 0.0).count();
        negative as f64 >= SCALED * size as f64
    };
    let taken = |values: Vec<f32>, place: &str, because: Option<&String>| Chosen {
        values,
        place: place.to_string(),
        because: because.cloned(),
    };
    let (x, why) = match read(file, "X", rows, columns) {
        Ok(values) if !scaled(&values) => return Ok(taken(values, "X", None)),
        Ok(values) => (
            Ok(values),
            "many values of `X` are negative, as scaling leaves them".to_string(),
        ),
        Err(fault) => (Err(fault.clone()), format!("`X` cannot be read: {fault}")),
    };
    let layers = LAYERS.iter().map(|l| format!("layers/{l}"));
    for place in layers.chain(std::iter::once("raw/X".to_string())) {
        if let Ok(values) = read(file, &place, rows, columns) {
            return Ok(taken(values, &place, Some(&why)));
        }
    }
    x.map(|values| taken(values, "X", None))
}

/// The matrix at a place, dense; faults are in words.
fn read(file: &File, place: &str, rows: usize, columns: usize) -> Result<Vec<f32>, String> {
    if let Ok(data) = file.dataset(place) {
        let shape = data.shape().map_err(|e| e.to_string())?;
        if shape != [rows as u64, columns as u64] {
            return Err(format!(
                "`{place}` is {shape:?}, and there are {rows} cells and {columns} features"
            ));
        }
        bounded(&data, file.file_size())?;
        let values = data.read_f32().map_err(|e| e.to_string())?;
        return (values.len() == rows * columns)
            .then_some(values)
            .ok_or_else(|| format!("`{place}` is shorter than its shape"));
    }
    let group = file
        .group(place)
        .map_err(|_| format!("there is no `{place}`"))?;
    sparse(file, &group, place, rows, columns)
}

/// A compressed sparse matrix: `data` and `indices` of the values that are not zero, `indptr` where each row (or column)
/// begins.
fn sparse(
    file: &File,
    group: &Group,
    place: &str,
    rows: usize,
    columns: usize,
) -> Result<Vec<f32>, String> {
    let attributes = group.attrs().map_err(|e| e.to_string())?;
    let encoding = attributes
        .get("encoding-type")
        .map(texts)
        .unwrap_or_default()
        .join("");
    let by_row = match encoding.as_str() {
        "csr_matrix" => true,
        "csc_matrix" => false,
        other => return Err(format!("`{place}` has the encoding `{other}`")),
    };
    let array = |name: &str| {
        let data = group
            .dataset(name)
            .map_err(|_| format!("`{place}` has no `{name}`"))?;
        bounded(&data, file.file_size())?;
        Ok::<Dataset, String>(data)
    };
    let values = array("data")?.read_f32().map_err(|e| e.to_string())?;
    let indices = array("indices")?.read_i64().map_err(|e| e.to_string())?;
    let starts = array("indptr")?.read_i64().map_err(|e| e.to_string())?;
    let (major, minor) = if by_row {
        (rows, columns)
    } else {
        (columns, rows)
    };
    let wrong = || format!("`{place}` does not fit {rows} cells and {columns} features");
    if starts.len() != major + 1 || indices.len() != values.len() {
        return Err(wrong());
    }
    let mut dense = vec![0.0f32; rows * columns];
    for k in 0..major {
        let (Ok(from), Ok(to)) = (usize::try_from(starts[k]), usize::try_from(starts[k + 1]))
        else {
            return Err(wrong());
        };
        if from > to || to > values.len() {
            return Err(wrong());
        }
        for (index, x) in indices[from..to].iter().zip(&values[from..to]) {
            let other = usize::try_from(*index)
                .ok()
                .filter(|i| *i < minor)
                .ok_or_else(wrong)?;
            let at = if by_row {
                k * columns + other
            } else {
                other * columns + k
            };
            dense[at] = *x;
        }
    }
    Ok(dense)
}
