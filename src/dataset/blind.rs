//! A dataset under codes: what its features are called, and what would tell the study, replaced; values, samples, variables
//! and labels stay as they are.

use std::path::PathBuf;

use crate::knowledge::{Codebook, Name, NameKind};

use super::{Assay, CellPopulation, Dataset, Feature, FeatureLevel, Inference, Problem, Source};

impl Dataset {
    /// Everything a blind run has codes for: features with all they are known by, the study's title, its description, its
    /// files and its own name.
    pub fn names(&self) -> Vec<Name> {
        let mut names = Vec::new();
        for assay in self.assays.values() {
            let kind = kind_of(assay.level);
            for feature in &assay.features {
                let symbols = feature.symbol.iter().chain(&feature.symbols);
                names.extend(symbols.map(|s| Name::new(NameKind::Gene, s)));
                names.push(Name::new(kind, &feature.id));
                let of_proteins = feature.accessions.iter();
                names.extend(of_proteins.map(|a| Name::new(NameKind::Protein, a)));
                names.extend(
                    feature
                        .peptidoform
                        .iter()
                        .map(|p| Name::new(NameKind::Peptide, &p.sequence)),
                );
                if let Some(population) = &feature.population {
                    names.push(Name::new(NameKind::Cells, &population.name));
                    names.extend(
                        population
                            .marker
                            .iter()
                            .map(|m| Name::new(NameKind::Gene, m)),
                    );
                }
            }
            names.push(Name::new(NameKind::Study, assay.file.to_string_lossy()));
        }
        let source = &self.source;
        let told = [
            &source.title,
            &source.origin,
            &source.citation,
            &source.description,
        ];
        names.extend(
            told.into_iter()
                .flatten()
                .map(|t| Name::new(NameKind::Study, t)),
        );
        names.extend(
            source
                .files
                .iter()
                .map(|f| Name::new(NameKind::Study, &f.name)),
        );
        names.push(Name::new(NameKind::Study, &self.name));
        names
    }

    /// The texts that stay as they are: samples, variables and their labels.
    pub fn texts_kept(&self) -> Vec<&str> {
        let variables = self.samples.variables.values();
        let labels = variables.flat_map(|v| v.levels().iter().chain([&v.name]));
        labels
            .chain(&self.samples.ids)
            .map(String::as_str)
            .collect()
    }

    /// Replaces every name by its code. What was inferred and found doubtful is kept, names in it replaced; descriptions of
    /// features and the cells behind assays, which are told in names only, are dropped.
    pub fn hide(&mut self, codes: &Codebook) {
        let study = |text: &str| codes.hide(NameKind::Study, text);
        self.name = study(&self.name);
        for assay in self.assays.values_mut() {
            hide_assay(assay, codes);
        }
        self.cells = None;
        for variable in self.samples.variables.values_mut() {
            variable.reason = codes.hide_in(&variable.reason);
            variable.file = variable.file.as_deref().map(study);
        }
        for excluded in &mut self.samples.excluded {
            excluded.reason = codes.hide_in(&excluded.reason);
        }
        for check in &mut self.design.checks {
            check.message = codes.hide_in(&check.message);
            check.fix = codes.hide_in(&check.fix);
        }
        self.inferences = self
            .inferences
            .iter()
            .map(|i| hidden_inference(i, codes))
            .collect();
        self.problems = self
            .problems
            .iter()
            .map(|p| hidden_problem(p, codes))
            .collect();
        let hidden = |text: &Option<String>| text.as_deref().map(study);
        self.source = Source {
            title: hidden(&self.source.title),
            origin: hidden(&self.source.origin),
            citation: hidden(&self.source.citation),
            description: hidden(&self.source.description),
            organism: self.source.organism.clone(),
            licence: self.source.licence.clone(),
            files: self.source.files.clone(),
            known_truth: Vec::new(),
        };
        for file in &mut self.source.files {
            file.name = study(&file.name);
        }
    }
}

/// What the ids of rows are called.
fn kind_of(level: FeatureLevel) -> NameKind {
    match level {
        FeatureLevel::Peptide | FeatureLevel::Precursor => NameKind::Peptide,
        FeatureLevel::Population | FeatureLevel::State => NameKind::Cells,
        _ => NameKind::Protein,
    }
}

fn hide_assay(assay: &mut Assay, codes: &Codebook) {
    let kind = kind_of(assay.level);
    for feature in &mut assay.features {
        *feature = hidden_feature(feature, kind, codes);
    }
    assay.file = PathBuf::from(codes.hide(NameKind::Study, &assay.file.to_string_lossy()));
}

fn hidden_feature(feature: &Feature, kind: NameKind, codes: &Codebook) -> Feature {
    let gene = |symbol: &String| codes.hide(NameKind::Gene, symbol);
    let mut peptidoform = feature.peptidoform.clone();
    if let Some(peptide) = &mut peptidoform {
        peptide.sequence = codes.hide(NameKind::Peptide, &peptide.sequence);
        peptide.modifications = None;
    }
    let population = feature.population.as_ref().map(|cells| CellPopulation {
        name: codes.hide(NameKind::Cells, &cells.name),
        marker: cells.marker.as_ref().map(gene),
    });
    let accessions = feature.accessions.iter();
    Feature {
        id: codes.hide(kind, &feature.id),
        accessions: accessions
            .map(|a| codes.hide(NameKind::Protein, a))
            .collect(),
        symbol: feature.symbol.as_ref().map(gene),
        symbols: feature.symbols.iter().map(gene).collect(),
        description: None,
        peptides: feature.peptides,
        unique_peptides: feature.unique_peptides,
        peptidoform,
        site: feature.site.clone(),
        population,
        members: feature
            .members
            .iter()
            .map(|m| codes.hide(NameKind::Peptide, m))
            .collect(),
        row: feature.row,
    }
}

fn hidden_inference(inference: &Inference, codes: &Codebook) -> Inference {
    Inference {
        what: codes.hide_in(&inference.what),
        value: codes.hide_in(&inference.value),
        because: codes.hide_in(&inference.because),
        override_with: codes.hide_in(&inference.override_with),
    }
}

fn hidden_problem(problem: &Problem, codes: &Codebook) -> Problem {
    Problem {
        file: problem
            .file
            .as_deref()
            .map(|f| codes.hide(NameKind::Study, f)),
        column: problem.column.as_deref().map(|c| codes.hide_in(c)),
        message: codes.hide_in(&problem.message),
        fix: codes.hide_in(&problem.fix),
        ..problem.clone()
    }
}
