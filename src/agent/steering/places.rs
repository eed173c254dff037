//! Where in a plan file an objective or a step stands: the YAML reader keeps no lines of values, so they are found by the
//! order of the ids.

use super::document::PlanDocument;

/// Lines of objectives and steps, from 1; none where an id is written in a way that is not found.
pub(super) struct Places {
    objectives: Vec<Option<usize>>,
    steps: Vec<Vec<Option<usize>>>,
}

impl Places {
    pub(super) fn of(text: &str, document: &PlanDocument) -> Self {
        let mut finder = Finder {
            lines: text.lines().collect(),
            next: 0,
        };
        let (mut objectives, mut steps) = (Vec::new(), Vec::new());
        for objective in &document.objectives {
            objectives.push(finder.find(&objective.id.0));
            steps.push(
                objective
                    .steps
                    .iter()
                    .map(|step| finder.find(&step.id))
                    .collect(),
            );
        }
        Self { objectives, steps }
    }

    /// The line of an objective, by its place in the file.
    pub(super) fn objective(&self, objective: usize) -> Option<usize> {
        self.objectives.get(objective).copied().flatten()
    }

    /// The line of a step, or else of its objective.
    pub(super) fn step(&self, objective: usize, step: usize) -> Option<usize> {
        let line = self.steps.get(objective).and_then(|s| s.get(step));
        line.copied().flatten().or(self.objective(objective))
    }
}

struct Finder<'t> {
    lines: Vec<&'t str>,
    next: usize,
}

impl Finder<'_> {
    /// The next line that gives this id.
    fn find(&mut self, id: &str) -> Option<usize> {
        let found = (self.next..self.lines.len()).find(|&i| gives(self.lines[i], id))?;
        self.next = found + 1;
        Some(found + 1)
    }
}

/// Whether a line holds `id: <id>`, quoted or not, in a block or between braces.
fn gives(line: &str, id: &str) -> bool {
    line.match_indices("id:").any(|(at, key)| {
        let starts = line[..at]
            .chars()
            .next_back()
            .is_none_or(|c| matches!(c, ' ' | '{' | ',' | '-'));
        let value = line[at + key.len()..].trim_start();
        let value = value.trim_start_matches(['"', '\'']);
        let ends = value
            .strip_prefix(id)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        starts && ends
    })
}

#[cfg(test)]
mod tests {
    use super::gives;

    #[test]
    fn an_id_is_found_however_it_is_quoted() {
        assert!(gives("  - id: \"condition:B-A\"", "condition:B-A"));
        assert!(gives("      - {id: 'filter', tool: x}", "filter"));
        assert!(gives("      - id: filter   # first", "filter"));
        assert!(!gives("      - id: filter_2", "filter"));
        assert!(!gives("    why: grid: filter", "filter"));
    }
}
