use std::collections::BTreeMap;

use super::grams::same_as;
use super::{Catalogue, Coded, Level, Model, Titled};

/// How often a model is right on titles that it did not learn.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Titles.
    pub titles: usize,
    /// By level, in the order of [`Level::ALL`].
    pub levels: [Scores; 4],
}

/// Shares of titles at one level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// The first guess is right.
    pub top1: f64,
    /// One of the first five is.
    pub top5: f64,
    /// It said that it is sure.
    pub sure: f64,
    /// Of those: the first guess is right.
    pub sure_right: f64,
}

/// Learns from all folds but one, and from `always`, and is asked the titles of that one, each fold in turn. Titles that are the
/// same but for spaces, marks and digits stand in one fold. With one fold nothing of `known` is learnt: the titles are asked of what
/// `always` taught.
pub fn evaluate(
    catalogue: &Catalogue,
    known: &[Titled],
    always: &[Titled],
    folds: usize,
) -> Evaluation {
    let mut fold_of: BTreeMap<String, usize> = BTreeMap::new();
    for titled in known {
        let next = fold_of.len();
        fold_of.entry(same_as(&titled.title)).or_insert(next);
    }
    // Spread by a number that has nothing to do with the order of the list.
    let mix = |n: usize| (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    let fold = |titled: &Titled| {
        usize::try_from(mix(fold_of[&same_as(&titled.title)])).expect("31 bits fit") % folds.max(1)
    };
    let mut counts = [[0_usize; 4]; 4];
    for now in 0..folds.max(1) {
        let mut lessons = always.to_vec();
        if folds > 1 {
            lessons.extend(known.iter().filter(|t| fold(t) != now).cloned());
        }
        let asked: Vec<&Titled> = known.iter().filter(|t| fold(t) == now).collect();
        let model = Model::train(catalogue, &lessons);
        let titles: Vec<&str> = asked.iter().map(|t| t.title.as_str()).collect();
        for (level, counts) in Level::ALL.into_iter().zip(&mut counts) {
            for (coded, titled) in model.code_all(&titles, level, 5).iter().zip(&asked) {
                count(counts, coded, titled, level);
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "titles are far below 2⁵²")]
    let share = |of: usize, out_of: usize| of as f64 / out_of.max(1) as f64;
    let levels = counts.map(|[top1, top5, sure, right]| Scores {
        top1: share(top1, known.len()),
        top5: share(top5, known.len()),
        sure: share(sure, known.len()),
        sure_right: share(right, sure),
    });
    Evaluation { titles: known.len(), levels }
}

fn count(counts: &mut [usize; 4], coded: &Coded, titled: &Titled, level: Level) {
    let right = titled.code.at(level);
    let place = coded.guesses.iter().position(|guess| guess.code == right);
    counts[0] += usize::from(place == Some(0));
    counts[1] += usize::from(place.is_some());
    counts[2] += usize::from(coded.is_sure);
    counts[3] += usize::from(coded.is_sure && place == Some(0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_titles_stand_in_one_fold() {
        let text = "code,name\n5-05-05-00,农机化服务人员\n6-31-01-03,电工\n";
        let catalogue = Catalogue::read(text).unwrap();
        let code = |text: &str| text.parse().unwrap();
        // A title that nobody could know but from its double.
        let known: Vec<Titled> = ["甲乙丙", "甲 乙 丙", "甲乙丙！"]
            .map(|title| Titled { title: title.to_owned(), code: code("5-05-05-00") })
            .into();
        let found = evaluate(&catalogue, &known, &[], 3);
        assert_eq!(found.titles, 3);
        assert!(found.levels[3].top1.abs() < 1e-9);
        assert!(found.levels.windows(2).all(|pair| pair[0].top1 >= pair[1].top1));
    }
}
