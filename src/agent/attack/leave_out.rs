//! Leaving out one unit of replication at a time (a sample, or a donor with all its samples), as variations of the analysis: for
//! claims about sets, which no single row can be refitted for.

use std::collections::BTreeMap;

use super::variations::Variation;
use crate::agent::pursuit::Pursuit;
use crate::dataset::{SampleMetadata, VariableValues};

/// Units up to which each is left out once; of more no single one can carry a set.
const MOST_UNITS: usize = 24;

/// A variation without each unit of the objective; none where there are too many.
pub fn leave_out(pursuit: &Pursuit) -> Vec<Variation> {
    let (Some(frame), Some(matrix)) = (&pursuit.frame, &pursuit.matrix) else {
        return Vec::new();
    };
    let mut units: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (&column, &unit) in frame.columns.iter().zip(&frame.units) {
        let sample = matrix.samples[column].clone();
        units.entry(unit).or_default().push(sample);
    }
    if units.len() > MOST_UNITS {
        return Vec::new();
    }
    units
        .into_values()
        .map(|samples| Variation {
            choice: format!("without {}", samples.join(", ")),
            tool: String::new(),
            params: Vec::new(),
            confounder: false,
            without: samples,
        })
        .collect()
}

/// The sheet in which these samples have no value of `variable`, so that no model of it takes them in.
pub fn without(mut sheet: SampleMetadata, variable: &str, samples: &[String]) -> SampleMetadata {
    let places: Vec<usize> = (0..sheet.ids.len())
        .filter(|&i| samples.contains(&sheet.ids[i]))
        .collect();
    if let Some(variable) = sheet.variables.get_mut(variable) {
        match &mut variable.values {
            VariableValues::Categorical { codes, .. } => {
                places.iter().for_each(|&i| codes[i] = None);
            }
            VariableValues::Continuous { values } => {
                places.iter().for_each(|&i| values[i] = None);
            }
        }
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Role, Variable};

    #[test]
    fn a_sample_left_out_has_no_value_of_the_tested_variable_alone() {
        let mut sheet = SampleMetadata::new(vec!["a".to_owned(), "b".to_owned()]);
        let labels = [Some("x".to_owned()), Some("y".to_owned())];
        sheet.insert(Variable::categorical("arm", &labels, Role::Condition));
        sheet.insert(Variable::categorical("batch", &labels, Role::Batch));
        let left = without(sheet, "arm", &["b".to_owned()]);
        assert_eq!(left.variables["arm"].codes(), Some(&[Some(0), None][..]));
        assert_eq!(
            left.variables["batch"].codes(),
            Some(&[Some(0), Some(1)][..])
        );
    }
}
