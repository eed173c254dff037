//! Tables for a terminal: columns aligned by spaces, long cells shortened visibly.

/// Rows under a header.
pub(super) struct TextTable {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    widest: Vec<usize>,
}

impl TextTable {
    /// A table with these columns; the number is the widest a cell may be.
    pub(super) fn new(columns: &[(&str, usize)]) -> Self {
        Self {
            header: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            widest: columns.iter().map(|(_, widest)| *widest).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, one cell per column.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        let cells = cells.iter().zip(&self.widest);
        self.rows.push(
            cells
                .map(|(cell, widest)| shortened(cell, *widest))
                .collect(),
        );
    }

    /// The table as text with a final newline.
    pub(super) fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.header.len())
            .map(|j| {
                let cells = self.rows.iter().chain([&self.header]);
                cells.map(|row| row[j].chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut out = String::new();
        for row in [&self.header].into_iter().chain(&self.rows) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

/// A text on one line, at most `widest` characters long; control characters become spaces.
pub(super) fn shortened(text: &str, widest: usize) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() <= widest {
        return line;
    }
    let mut short: String = line.chars().take(widest.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_long_cells_are_cut_visibly() {
        let mut table = TextTable::new(&[("name", 8), ("what", 40)]);
        table.row(vec!["a".to_owned(), "short".to_owned()]);
        table.row(vec!["much too long".to_owned(), "µ\tx".to_owned()]);
        assert_eq!(
            table.render(),
            "name      what\na         short\nmuch to…  µ x\n"
        );
    }
}
