//! What populations are called: by the type markers they carry and, where another population carries these too, by one
//! they lack.

/// Means of low and high nodes must differ by this much on the arcsinh scale for a marker to tell populations apart.
const APART: f64 = 1.0;
/// A marker on this share of all cells tells nothing; what lacks it is called by that.
const NEARLY_ALL: f64 = 0.8;
/// Markers named at most that a population carries.
const CARRIED: usize = 6;
/// Markers named at most that it lacks.
const LACKED: usize = 2;

/// The signal from which a node carries a marker: the cut of all node means into low and high that leaves the least
/// variance within both (Otsu 1979, doi:10.1109/TSMC.1979.4310076); none where low and high are not apart.
pub(crate) fn threshold(nodes: &[f64]) -> Option<f64> {
    let mut sorted = nodes.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = sorted.iter().sum();
    let n = sorted.len() as f64;
    let (mut sum, mut best) = (0.0, None::<(f64, f64, f64)>);
    for k in 1..sorted.len() {
        sum += sorted[k - 1];
        let (low, high) = (sum / k as f64, (total - sum) / (n - k as f64));
        let between = k as f64 * (n - k as f64) * (high - low).powi(2);
        if best.is_none_or(|(b, ..)| between > b) {
            best = Some((between, (sorted[k - 1] + sorted[k]) / 2.0, high - low));
        }
    }
    best.filter(|(_, _, apart)| *apart >= APART)
        .map(|(_, cut, _)| cut)
}

/// A population as far as its name needs it.
pub(crate) struct Profile {
    /// Whether it carries each marker.
    pub carries: Vec<bool>,
    /// Its signals.
    pub signal: Vec<f64>,
    /// Share of all cells.
    pub share: f64,
}

/// Names of populations, unique, in the order given.
pub(crate) fn call(profiles: &[Profile], markers: &[&str]) -> Vec<String> {
    if profiles.len() < 2 {
        return profiles.iter().map(|_| "all".to_string()).collect();
    }
    let everywhere: Vec<bool> = (0..markers.len())
        .map(|j| {
            let on = profiles.iter().filter(|p| p.carries[j]);
            on.map(|p| p.share).sum::<f64>() >= NEARLY_ALL
        })
        .collect();
    let mut names: Vec<String> = Vec::with_capacity(profiles.len());
    for (i, profile) in profiles.iter().enumerate() {
        let mut name = one(i, profile, profiles, markers, &everywhere);
        let mut k = 1;
        while names.contains(&name) {
            k += 1;
            name = format!("{} {k}", one(i, profile, profiles, markers, &everywhere));
        }
        names.push(name);
    }
    names
}

fn one(
    i: usize,
    profile: &Profile,
    all: &[Profile],
    markers: &[&str],
    everywhere: &[bool],
) -> String {
    let mean = |j: usize| all.iter().map(|p| p.share * p.signal[j]).sum::<f64>();
    let mut carried: Vec<usize> = (0..markers.len())
        .filter(|&j| profile.carries[j] && !everywhere[j])
        .collect();
    if carried.len() > CARRIED {
        let stands_out = |j: usize| profile.signal[j] - mean(j);
        carried.sort_by(|&a, &b| stands_out(b).total_cmp(&stands_out(a)).then(a.cmp(&b)));
        carried.truncate(CARRIED);
        carried.sort_unstable();
    }
    let mut lacked: Vec<usize> = (0..markers.len())
        .filter(|&j| !profile.carries[j] && everywhere[j])
        .take(LACKED)
        .collect();
    // Populations that carry all that is named and nothing that is lacked would answer to the same name.
    let mut alike: Vec<&Profile> = all
        .iter()
        .enumerate()
        .filter(|(k, p)| {
            *k != i
                && carried.iter().all(|&j| p.carries[j])
                && lacked.iter().all(|&j| !p.carries[j])
        })
        .map(|(_, p)| p)
        .collect();
    while !alike.is_empty() && !carried.is_empty() && lacked.len() < LACKED {
        let told_apart = |j: usize| alike.iter().filter(|p| p.carries[j]).count();
        let candidates =
            (0..markers.len()).filter(|&j| !profile.carries[j] && !lacked.contains(&j));
        let best = candidates.max_by_key(|&j| (told_apart(j), std::cmp::Reverse(j)));
        let Some(best) = best.filter(|&j| told_apart(j) > 0) else {
            break;
        };
        alike.retain(|p| !p.carries[best]);
        lacked.push(best);
    }
    let plus = carried.iter().map(|&j| format!("{}+", markers[j]));
    let minus = lacked.iter().map(|&j| format!("{}-", markers[j]));
    let mut parts: Vec<String> = plus.collect();
    if parts.is_empty() {
        parts.push("lineage-".to_string());
    }
    parts.extend(minus);
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_cut_between_its_modes_or_not_at_all() {
        let cut = threshold(&[0.1, 0.0, 0.2, 3.0, 3.2]).unwrap_or(f64::NAN);
        assert!((0.2..3.0).contains(&cut), "{cut}");
        assert_eq!(threshold(&[0.1, 0.0, 0.2, 0.3, 0.4]), None);
        assert_eq!(threshold(&[]), None);
        assert_eq!(threshold(&[2.0]), None);
    }

    #[test]
    fn names_say_what_sets_a_population_apart() {
        let markers = ["CD45", "CD3", "CD4", "CD7", "CD20"];
        let profile = |carries: [bool; 5], share: f64| Profile {
            carries: carries.to_vec(),
            signal: carries
                .iter()
                .map(|c| f64::from(u8::from(*c)) * 4.0)
                .collect(),
            share,
        };
        let names = call(
            &[
                profile([true, true, true, true, false], 0.4),
                profile([true, true, false, true, false], 0.2),
                profile([true, false, false, true, false], 0.15),
                profile([true, false, false, false, true], 0.15),
                profile([false, false, false, false, false], 0.1),
            ],
            &markers,
        );
        assert_eq!(
            names,
            [
                "CD3+ CD4+ CD7+",
                "CD3+ CD7+ CD4-",
                "CD7+ CD3-",
                "CD20+",
                "lineage- CD45-"
            ]
        );
    }
}
