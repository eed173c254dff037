//! Groups, replicates, batches and subjects read out of sample names where no sheet says them.

use std::collections::{BTreeMap, BTreeSet};

mod dates;
mod factors;
mod parts;

pub(crate) use dates::add_dates;
use parts::{
    cut_replicate, is_date, is_replicate, is_subject, is_well, lettered, numbered, replicate_number,
};

use super::channel;
use super::label::{common_prefix, common_suffix, is_separator};
use super::typing::{self, MissingCodes, Numbers};
use super::{Inference, Role, SampleMetadata, Variable};

/// Variables told from sample names, with the explanation.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameDesign {
    /// The variables.
    pub variables: Vec<Variable>,
    /// How they were told.
    pub inferences: Vec<Inference>,
}

const OVERRIDE: &str = "give a sample sheet with `--samples`";
/// More groups than this are people or fractions, not conditions.
const MOST_GROUPS: usize = 16;
/// So many different wells in the names are wells, and no conditions called `A1` and `B2`.
const FEWEST_WELLS: usize = 6;

/// Reads a design out of names; empty when they hold no grouping.
pub(crate) fn infer(names: &[String]) -> NameDesign {
    let mut design = NameDesign::default();
    if names.len() < 2 {
        return design;
    }
    let bare: Vec<String> = names.iter().map(|n| without_channel(n)).collect();
    let names = bare.as_slice();
    let parts: Vec<Vec<String>> = names.iter().map(|n| split(n)).collect();
    if paired(names, &parts, &mut design) || nested(names, &parts, &mut design) {
        return design;
    }
    let width = parts[0].len();
    if width > 1
        && parts.iter().all(|p| p.len() == width)
        && by_position(names, &parts, &mut design)
    {
        return design;
    }
    if !by_trailing_letter(names, &mut design) {
        by_trailing_number(names, &mut design);
    }
    design
}

/// `ctrl_1` of `ctrl_1 (TMT10-126)`.
fn without_channel(name: &str) -> String {
    let cut = name.strip_suffix(')').and_then(|n| n.rsplit_once('('));
    match cut {
        Some((head, inside)) if channel::mass(inside).is_some() && !head.trim().is_empty() => {
            head.trim().to_string()
        }
        _ => name.to_string(),
    }
}

fn split(name: &str) -> Vec<String> {
    name.split(is_separator)
        .filter(|p| !p.is_empty())
        .map(str::to_string)
        .collect()
}

/// `C3L-00606-N` and `C3L-00606-T`: the last part is the group, what stands before it the subject.
fn paired(names: &[String], parts: &[Vec<String>], design: &mut NameDesign) -> bool {
    let heads: Vec<String> = parts
        .iter()
        .map(|p| p[..p.len().saturating_sub(1)].join("-"))
        .collect();
    let tails: Vec<&str> = parts
        .iter()
        .map(|p| p.last().map_or("", String::as_str))
        .collect();
    let groups: BTreeSet<&str> = tails.iter().copied().collect();
    let subjects: BTreeSet<&str> = heads.iter().map(String::as_str).collect();
    let letters = groups
        .iter()
        .all(|g| !g.is_empty() && g.chars().all(|c| c.is_alphabetic()));
    let each_once = names.len() == parts.iter().collect::<BTreeSet<_>>().len();
    // One head per group would be a plain `condition_replicate`; subjects must outnumber groups and recur.
    let recur = subjects.len() > groups.len() && 3 * names.len() >= 4 * subjects.len();
    if !letters || !(2..=6).contains(&groups.len()) || !recur || !each_once || subjects.contains("")
    {
        return false;
    }
    let labels: Vec<Option<String>> = tails.iter().map(|t| Some((*t).to_string())).collect();
    let people: Vec<Option<String>> = heads.iter().map(|h| Some(h.clone())).collect();
    let reason = "the last part of the sample names";
    design
        .variables
        .push(made("condition", &labels, Role::Condition, reason));
    design.variables.push(made(
        "subject",
        &people,
        Role::Subject,
        "the sample names without their last part",
    ));
    design.inferences.push(Inference::new(
        "design",
        format!(
            "groups {}; {} subjects",
            shown(groups.iter().copied()),
            subjects.len()
        ),
        format!(
            "sample names such as `{}` end in the group and begin with the subject",
            names[0]
        ),
        OVERRIDE,
    ));
    true
}

/// Names with the same number of parts: each part is constant, a date, a replicate number or a factor.
fn by_position(names: &[String], parts: &[Vec<String>], design: &mut NameDesign) -> bool {
    let width = parts[0].len();
    let column = |k: usize| -> Vec<&str> { parts.iter().map(|p| p[k].as_str()).collect() };
    let distinct = |k: usize| column(k).into_iter().collect::<BTreeSet<_>>().len();
    let varying: Vec<usize> = (0..width).filter(|&k| distinct(k) > 1).collect();
    let dates: Vec<usize> = varying
        .iter()
        .copied()
        .filter(|&k| column(k).iter().all(|p| is_date(p)))
        .collect();
    let numbered = |k: usize| column(k).iter().all(|p| replicate_number(p).is_some());
    let replicate = varying
        .iter()
        .copied()
        .rfind(|&k| !dates.contains(&k) && numbered(k));
    let is_well_column =
        |k: usize| distinct(k) >= FEWEST_WELLS && column(k).iter().all(|p| is_well(p));
    let factors: Vec<usize> = varying
        .iter()
        .copied()
        .filter(|&k| !dates.contains(&k) && Some(k) != replicate && !is_well_column(k))
        .collect();
    // A part that no two names share numbers the runs.
    let shared: Vec<usize> = (factors.iter().copied())
        .filter(|&k| distinct(k) < names.len())
        .collect();
    let factors = if shared.is_empty() { factors } else { shared };
    let subject = (factors.iter().copied())
        .find(|&k| factors.len() > 1 && column(k).iter().all(|p| is_subject(p)));
    let factors: Vec<usize> = (factors.into_iter())
        .filter(|k| Some(*k) != subject)
        .collect();
    if factors.is_empty() {
        return false;
    }
    let joined: Vec<String> = parts
        .iter()
        .map(|p| {
            factors
                .iter()
                .map(|&k| p[k].as_str())
                .collect::<Vec<_>>()
                .join("_")
        })
        .collect();
    // A single letter that tells every name of a group from the others numbers replicates.
    let letter = (factors.iter().copied()).rfind(|&k| {
        factors.len() > 1
            && column(k)
                .iter()
                .all(|p| p.len() == 1 && p.as_bytes()[0].is_ascii_alphabetic())
    });
    let all_differ = joined.iter().collect::<BTreeSet<_>>().len() == joined.len();
    let joined = match letter.filter(|_| all_differ) {
        Some(letter) => parts
            .iter()
            .map(|p| {
                let kept = factors.iter().filter(|k| **k != letter);
                kept.map(|&k| p[k].as_str()).collect::<Vec<_>>().join("_")
            })
            .collect(),
        None => joined,
    };
    let groups: BTreeSet<&str> = joined.iter().map(String::as_str).collect();
    if groups.len() < 2 || groups.len() == joined.len() {
        return false;
    }
    let columns: Vec<Vec<&str>> = factors.iter().map(|&k| column(k)).collect();
    if factors::are_crossed(&columns) {
        factors::add(&columns, names, design);
    } else {
        let labels: Vec<Option<String>> = joined.iter().map(|g| Some(g.clone())).collect();
        add_groups(&labels, names, design);
    }
    if let Some(k) = subject {
        let people: Vec<Option<String>> =
            column(k).iter().map(|p| Some((*p).to_string())).collect();
        design.variables.push(made(
            "subject",
            &people,
            Role::Subject,
            "a part of the sample names that numbers people or animals",
        ));
    }
    if let Some(k) = replicate {
        let numbers: Vec<Option<String>> = column(k)
            .iter()
            .map(|p| replicate_number(p).map(str::to_string))
            .collect();
        design.variables.push(made(
            "replicate",
            &numbers,
            Role::Replicate,
            "the number in the sample names",
        ));
    }
    for (at, &k) in dates.iter().enumerate() {
        let name = if at == 0 {
            "date".to_string()
        } else {
            format!("date {}", at + 1)
        };
        let values: Vec<Option<String>> =
            column(k).iter().map(|p| Some((*p).to_string())).collect();
        design.variables.push(made(
            &name,
            &values,
            Role::Batch,
            "a date in the sample names",
        ));
    }
    true
}

/// `ctrl1_T1`, `ctrl1_T2`, `ctrl2_T1`: several samples of individuals that each group numbers from 1 on; the last part tells
/// an individual's samples apart. The individuals are the replicates, whatever the last part is. `K11_R1` and `K48_R1` are
/// replicates of groups with numbers in their names.
fn nested(names: &[String], parts: &[Vec<String>], design: &mut NameDesign) -> bool {
    let mut groups = Vec::new();
    let mut people = Vec::new();
    let mut samples = Vec::new();
    let mut numbers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut stems = BTreeSet::new();
    for part in parts {
        let [person, sample] = part.as_slice() else {
            return false;
        };
        let (Some((group, number)), Some((stem, _))) = (numbered(person), numbered(sample)) else {
            return false;
        };
        if is_replicate(sample) {
            return false;
        }
        numbers
            .entry(group)
            .or_default()
            .extend(number.parse::<usize>());
        stems.insert(stem);
        groups.push(Some(group.to_string()));
        people.push(Some(person.clone()));
        samples.push(Some(sample.clone()));
    }
    let distinct = |labels: &[Option<String>]| labels.iter().collect::<BTreeSet<_>>().len();
    let from_one = |of: &BTreeSet<usize>| of.len() > 1 && of.iter().copied().eq(1..=of.len());
    let complete = names.len() == distinct(&people) * distinct(&samples) && distinct(&samples) > 1;
    if numbers.len() < 2 || stems.len() > 1 || !complete || !numbers.values().all(from_one) {
        return false;
    }
    add_groups(&groups, names, design);
    design.variables.push(made(
        "subject",
        &people,
        Role::Subject,
        "the numbered individuals in the sample names",
    ));
    design.variables.push(made(
        "replicate",
        &samples,
        Role::Replicate,
        "what tells the samples of one individual apart",
    ));
    true
}

/// `1A`, `1B`, `2A`, `2B`: numbered groups whose replicates have letters, from A on in each.
fn by_trailing_letter(names: &[String], design: &mut NameDesign) -> bool {
    let Some(cut) = names
        .iter()
        .map(|n| lettered(n))
        .collect::<Option<Vec<_>>>()
    else {
        return false;
    };
    let mut letters: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
    for (head, letter) in &cut {
        let letter = letter.as_bytes()[0].to_ascii_uppercase();
        letters.entry(head).or_default().insert(letter);
    }
    let from_a = |of: &BTreeSet<u8>| of.len() > 1 && of.iter().copied().eq((b'A'..).take(of.len()));
    let told: usize = letters.values().map(BTreeSet::len).sum();
    if letters.len() < 2 || told < names.len() || !letters.values().all(from_a) {
        return false;
    }
    let labels: Vec<Option<String>> = cut.iter().map(|c| Some(c.0.to_string())).collect();
    add_groups(&labels, names, design);
    let numbers: Vec<Option<String>> = cut.iter().map(|c| Some(c.1.to_string())).collect();
    design.variables.push(made(
        "replicate",
        &numbers,
        Role::Replicate,
        "the letter at the end of the sample names",
    ));
    true
}

/// Names of any shape: what stands before the last number is the group.
fn by_trailing_number(names: &[String], design: &mut NameDesign) {
    let mut cut: Vec<Option<(&str, &str)>> = names.iter().map(|n| cut_replicate(n)).collect();
    // `A`, `A.1`, `A.2`: a name met again got a number.
    let heads: BTreeSet<&str> = cut.iter().flatten().map(|(head, _)| *head).collect();
    for (name, cut) in names.iter().zip(&mut cut) {
        if cut.is_none() && heads.contains(name.as_str()) {
            *cut = Some((name, "0"));
        }
    }
    if cut.iter().filter(|c| c.is_some()).count() * 5 < names.len() * 4 {
        return;
    }
    let groups: Vec<&str> = names
        .iter()
        .zip(&cut)
        .map(|(n, c)| c.map_or(n.as_str(), |(head, _)| head))
        .collect();
    let distinct: BTreeSet<&str> = groups.iter().copied().collect();
    if distinct.len() < 2 || distinct.len() == names.len() {
        return;
    }
    let labels: Vec<Option<String>> = bare_amounts(&groups).map(|g| Some(g.to_string())).collect();
    add_groups(&labels, names, design);
    let numbers: Vec<Option<String>> = cut.iter().map(|c| c.map(|(_, n)| n.to_string())).collect();
    design.variables.push(made(
        "replicate",
        &numbers,
        Role::Replicate,
        "the number at the end of the sample names",
    ));
}

/// Groups that are times or amounts without the words that all of them share: `30s` of `Liver_Ins_30s_Mouse`. Others stay.
fn bare_amounts<'n>(groups: &'n [&'n str]) -> impl Iterator<Item = &'n str> {
    let (head, tail) = (common_prefix(groups), common_suffix(groups));
    let bare = move |group: &'n str| group.get(head..group.len().checked_sub(tail)?);
    let has_unit = |text: &str| {
        let unit = typing::amount(text).map(|(_, unit)| unit);
        let unit = unit.as_deref().and_then(|u| u.strip_prefix('#'));
        unit.is_some_and(|u| typing::seconds_in(u).is_some() || typing::is_unit_of_amount(u))
    };
    let all = groups.iter().all(|g| bare(g).is_some_and(has_unit));
    let short = move |group: &&'n str| bare(group).filter(|_| all).unwrap_or(group);
    groups.iter().map(short)
}

fn add_groups(labels: &[Option<String>], names: &[String], design: &mut NameDesign) {
    let distinct: BTreeSet<&str> = labels.iter().flatten().map(String::as_str).collect();
    let (name, role, reason) = if distinct.len() > MOST_GROUPS {
        (
            "subject",
            Role::Subject,
            "too many groups in the sample names to be conditions",
        )
    } else {
        (
            "condition",
            Role::Condition,
            "what the sample names share besides their number",
        )
    };
    let variable = made(name, labels, role, reason);
    design.inferences.push(Inference::new(
        "design",
        format!(
            "{} groups: {}",
            distinct.len(),
            shown(variable.levels().iter().map(String::as_str))
        ),
        format!(
            "read from sample names such as `{}`; no sample sheet was given",
            names[0]
        ),
        OVERRIDE,
    ));
    design.variables.push(variable);
}

fn made(name: &str, labels: &[Option<String>], role: Role, reason: &str) -> Variable {
    let cells: Vec<Option<&str>> = labels.iter().map(Option::as_deref).collect();
    let none = MissingCodes {
        declared: Some(Vec::new()),
    };
    let (mut variable, _) = typing::variable(name, &cells, &none, Numbers::AreLabels, "");
    if !variable.is_categorical() {
        variable = Variable::categorical(name, labels, role);
    }
    variable.role = role;
    variable.reason = reason.to_string();
    variable
}

fn shown<'a>(labels: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = labels.collect();
    let more = all.len().saturating_sub(8);
    let tail = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "{}{tail}",
        all.iter()
            .take(8)
            .map(|l| format!("`{l}`"))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

/// Adds a subject variable where the sample names are subject plus group and subjects span the groups of a condition.
pub(crate) fn add_subject(samples: &mut SampleMetadata) -> Option<Inference> {
    if samples.with_role(Role::Subject).next().is_some() {
        return None;
    }
    let condition = samples.with_role(Role::Condition).next()?.clone();
    let parts: Vec<Vec<String>> = samples.ids.iter().map(|n| split(n)).collect();
    let cut = |from_end: bool| -> Option<Vec<String>> {
        let mut level_of: BTreeMap<&str, &str> = BTreeMap::new();
        let mut heads = Vec::new();
        for (i, p) in parts.iter().enumerate() {
            let (tail, head) = if from_end {
                p.split_last()?
            } else {
                p.split_first()?
            };
            let level = condition.group_of(i)?;
            if head.is_empty() || *level_of.entry(tail.as_str()).or_insert(level) != level {
                return None;
            }
            heads.push(head.join("-"));
        }
        let levels: BTreeSet<&&str> = level_of.values().collect();
        let people: BTreeSet<&String> = heads.iter().collect();
        let spans = people.len() > levels.len() && 3 * heads.len() >= 4 * people.len();
        // A bare number is a replicate; it pairs samples only when the names say more than that.
        let only_numbers =
            (people.iter()).all(|p| p.split('-').all(|part| replicate_number(part).is_some()));
        (levels.len() == level_of.len() && levels.len() > 1 && spans && !only_numbers)
            .then_some(heads)
    };
    let heads = cut(true).or_else(|| cut(false))?;
    let labels: Vec<Option<String>> = heads.iter().cloned().map(Some).collect();
    let variable = made(
        "subject",
        &labels,
        Role::Subject,
        "the sample names without the part that names the group",
    );
    let inference = Inference::new(
        "subjects",
        format!("{} subjects", variable.levels().len()),
        format!(
            "sample names such as `{}` are a subject and a group of `{}`",
            samples.ids[0], condition.name
        ),
        "add a column `subject` to the sample sheet",
    );
    let name = if samples.variables.contains_key("subject") {
        "subject (from names)"
    } else {
        "subject"
    };
    samples.insert(Variable {
        name: name.to_string(),
        ..variable
    });
    Some(inference)
}

/// The multiplex of reporter-ion columns named `channel experiment`.
pub(crate) fn plexes(labels: &[String]) -> Option<Variable> {
    let cut: Option<Vec<Option<String>>> = labels
        .iter()
        .map(|l| {
            let (channel, plex) = l.split_once([' ', '.', '_'])?;
            channel
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| Some(plex.to_string()))
        })
        .collect();
    let plexes = cut?;
    let distinct: BTreeSet<&String> = plexes.iter().flatten().collect();
    (distinct.len() > 1 && distinct.len() < labels.len()).then(|| {
        made(
            "plex",
            &plexes,
            Role::Plex,
            "the experiment in the names of the reporter columns",
        )
    })
}

#[cfg(test)]
mod tests;
