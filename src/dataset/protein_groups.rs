//! Which peptides belong to which protein: as the producer assigned them, else the fewest proteins that explain all
//! peptides, each shared peptide going to the protein that explains most.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use indexmap::IndexMap;

use super::Feature;
use super::formats::RowFlag;
use super::formats::accession::flag_of;

/// Proteins that the peptides cannot tell apart, with their peptides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProteinGroup {
    /// Accessions (or gene symbols), the leading one first.
    pub names: Vec<String>,
    /// Rows of the peptides, ascending.
    pub members: Vec<usize>,
    /// Whether each of them is found in no other group; none where the table does not say.
    pub unique: Option<Vec<bool>>,
}

/// All peptides of a table by protein.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grouping {
    /// Groups in the order of their first peptides.
    pub groups: Vec<ProteinGroup>,
    /// Peptides that name no protein.
    pub unnamed: usize,
    /// Peptides that belong to several groups and were given to one of them here.
    pub shared: usize,
    /// Peptides that the producer had assigned.
    pub assigned: usize,
    /// Whether the groups are called by gene symbols, because the table has no accessions.
    pub by_gene: bool,
}

/// Groups the peptides of a table.
pub(crate) fn group(features: &[Feature]) -> Grouping {
    let by_gene = features.iter().all(|f| f.accessions.is_empty());
    let names = |f: &'_ Feature| -> Vec<String> {
        let all = if by_gene { &f.symbols } else { &f.accessions };
        let mut kept: Vec<String> = Vec::with_capacity(all.len());
        for name in all {
            if flag_of(name) == RowFlag::Keep && !kept.contains(name) {
                kept.push(name.clone());
            }
        }
        kept
    };
    let names: Vec<Vec<String>> = features.iter().map(names).collect();
    let assigned: Vec<usize> = features
        .iter()
        .zip(&names)
        .map(|(f, names)| {
            let assigned = f.peptidoform.as_ref().map_or(0, |p| p.assigned);
            if by_gene {
                0
            } else {
                assigned.min(names.len())
            }
        })
        .collect();
    let mut out = Grouping {
        by_gene,
        unnamed: names.iter().filter(|n| n.is_empty()).count(),
        assigned: assigned.iter().filter(|n| **n > 0).count(),
        ..Grouping::default()
    };
    let mut shared = vec![false; features.len()];
    let mut groups = by_producer(&names, &assigned);
    let left: Vec<usize> = (0..features.len())
        .filter(|&i| assigned[i] == 0 && !names[i].is_empty())
        .collect();
    let left = join_assigned(&mut groups, &names, left, &mut shared);
    groups.extend(fewest(&names, &left, &mut shared));
    out.shared = shared.iter().filter(|s| **s).count();

    // Where one protein stands for a group, those that all its peptides name are in the group too.
    let razor = assigned.iter().all(|n| *n <= 1);
    let lists_all = (0..features.len()).any(|i| names[i].len() > assigned[i].max(1));
    for (group, members) in &mut groups {
        members.sort_unstable();
        if razor && group.len() == 1 {
            let first = &names[members[0]];
            let common = |name: &&String| members.iter().all(|&i| names[i].contains(name));
            let more = first.iter().filter(|n| **n != group[0]).filter(common);
            let more: Vec<String> = more.cloned().collect();
            group.extend(more);
        }
    }
    groups.sort_by_key(|(_, members)| members[0]);
    out.groups = groups
        .into_iter()
        .map(|(group, members)| {
            let unique = lists_all.then(|| {
                let only = |i: &usize| !shared[*i] && names[*i].iter().all(|n| group.contains(n));
                let by_us = |i: &usize| assigned[*i] == 0 && !shared[*i];
                members.iter().map(|i| by_us(i) || only(i)).collect()
            });
            ProteinGroup {
                names: group,
                members,
                unique,
            }
        })
        .collect();
    out
}

type Members = (Vec<String>, Vec<usize>);

/// The groups the producer formed.
fn by_producer(names: &[Vec<String>], assigned: &[usize]) -> Vec<Members> {
    let mut groups: IndexMap<&[String], Vec<usize>> = IndexMap::new();
    for (i, (names, &n)) in names.iter().zip(assigned).enumerate() {
        if n > 0 {
            groups.entry(&names[..n]).or_default().push(i);
        }
    }
    groups
        .into_iter()
        .map(|(names, members)| (names.to_vec(), members))
        .collect()
}

/// Gives peptides that were not assigned to the largest group that one of their proteins leads; those that are left.
fn join_assigned(
    groups: &mut [Members],
    names: &[Vec<String>],
    rows: Vec<usize>,
    shared: &mut [bool],
) -> Vec<usize> {
    let mut led: HashMap<String, usize> = HashMap::new();
    for (g, (group, members)) in groups.iter().enumerate() {
        let known = led.entry(group[0].clone()).or_insert(g);
        if members.len() > groups[*known].1.len() {
            *known = g;
        }
    }
    let sizes: Vec<usize> = groups.iter().map(|(_, members)| members.len()).collect();
    let mut left = Vec::new();
    for i in rows {
        let of: Vec<usize> = names[i]
            .iter()
            .filter_map(|n| led.get(n).copied())
            .collect();
        match of.iter().max_by_key(|&&g| (sizes[g], Reverse(g))) {
            Some(&g) => {
                groups[g].1.push(i);
                shared[i] = of.iter().any(|other| *other != g);
            }
            None => left.push(i),
        }
    }
    left
}

/// The fewest proteins that explain the peptides, found greedily: again and again the protein with the most peptides not
/// yet explained (then with the most at all, then the first in the table). Proteins with the same peptides are one group.
fn fewest(names: &[Vec<String>], rows: &[usize], shared: &mut [bool]) -> Vec<Members> {
    let mut peptides: IndexMap<&str, Vec<usize>> = IndexMap::new();
    for &i in rows {
        for name in &names[i] {
            peptides.entry(name).or_default().push(i);
        }
    }
    let mut same: IndexMap<Vec<usize>, Vec<String>> = IndexMap::new();
    for (name, peptides) in peptides {
        same.entry(peptides).or_default().push(name.to_string());
    }
    let mut queue: BinaryHeap<(usize, usize, Reverse<usize>)> = same
        .keys()
        .enumerate()
        .map(|(g, peptides)| (peptides.len(), peptides.len(), Reverse(g)))
        .collect();
    let mut explained: HashSet<usize> = HashSet::with_capacity(rows.len());
    let mut times = vec![0usize; names.len()];
    let mut groups = Vec::new();
    while let Some((believed, size, Reverse(g))) = queue.pop() {
        let Some((peptides, group)) = same.get_index(g) else {
            continue;
        };
        let new: Vec<usize> = peptides
            .iter()
            .copied()
            .filter(|i| !explained.contains(i))
            .collect();
        if new.is_empty() {
            continue;
        }
        if new.len() < believed {
            queue.push((new.len(), size, Reverse(g)));
            continue;
        }
        explained.extend(&new);
        for &i in peptides {
            times[i] += 1;
        }
        groups.push((group.clone(), new));
    }
    for &i in rows {
        shared[i] = times[i] > 1;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::Peptidoform;
    use super::*;

    fn peptide(accessions: &str, assigned: usize) -> Feature {
        Feature {
            accessions: accessions.split(';').map(str::to_string).collect(),
            peptidoform: Some(Peptidoform {
                assigned,
                ..Peptidoform::default()
            }),
            ..Feature::default()
        }
    }

    fn found(rows: &[(&str, usize)]) -> (Grouping, Vec<(String, Vec<usize>)>) {
        let features: Vec<Feature> = rows.iter().map(|(a, n)| peptide(a, *n)).collect();
        let grouping = group(&features);
        let groups = grouping
            .groups
            .iter()
            .map(|g| (g.names.join(";"), g.members.clone()))
            .collect();
        (grouping, groups)
    }

    #[test]
    fn razor_peptides_go_to_their_protein_and_its_group_is_what_all_of_them_name() {
        let rows = [("A;B", 1), ("A;B;C", 1), ("C", 1), ("D;C", 1)];
        let (grouping, groups) = found(&rows);
        assert_eq!(
            groups,
            [
                ("A;B".to_string(), vec![0, 1]),
                ("C".to_string(), vec![2]),
                ("D;C".to_string(), vec![3])
            ]
        );
        assert_eq!((grouping.assigned, grouping.shared), (4, 0));
        assert_eq!(grouping.groups[0].unique, Some(vec![true, false]));
    }

    #[test]
    fn groups_of_the_producer_stay_as_they_are() {
        let (grouping, groups) = found(&[("A;B", 2), ("A", 1), ("A;B", 2), ("A;C", 1)]);
        assert_eq!(
            groups,
            [
                ("A;B".to_string(), vec![0, 2]),
                ("A".to_string(), vec![1, 3])
            ]
        );
        assert_eq!(grouping.groups[1].unique, Some(vec![true, false]));
    }

    #[test]
    fn without_an_assignment_the_fewest_proteins_explain_all_peptides() {
        // C's only peptide is also A's; D and E cannot be told apart; peptide 3 is A's and D's.
        let rows = [
            ("A", 0),
            ("A;C", 0),
            ("A", 0),
            ("D;E;A", 0),
            ("D;E", 0),
            ("CON__K;D;E", 0),
        ];
        let (grouping, groups) = found(&rows);
        assert_eq!(
            groups,
            [
                ("A".to_string(), vec![0, 1, 2, 3]),
                ("D;E".to_string(), vec![4, 5])
            ]
        );
        assert_eq!((grouping.shared, grouping.unnamed), (1, 0));
        assert_eq!(
            grouping.groups[0].unique,
            Some(vec![true, true, true, false])
        );
    }

    #[test]
    fn a_peptide_of_several_masters_goes_to_the_larger_one() {
        let (grouping, groups) = found(&[("A", 1), ("B", 1), ("B", 1), ("A;B", 0), ("X;Y", 0)]);
        assert_eq!(
            groups,
            [
                ("A".to_string(), vec![0]),
                ("B".to_string(), vec![1, 2, 3]),
                ("X;Y".to_string(), vec![4])
            ]
        );
        assert_eq!(grouping.shared, 1);
    }
}
