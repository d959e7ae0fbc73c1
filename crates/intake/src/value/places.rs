//! An address, taken apart.

/// Where a place's name ends: after 县, 镇, 村, 组 ….
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub(crate) town: Option<&'a str>,
    pub(crate) village: Option<&'a str>,
    pub(crate) group: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Takes an address apart: `陕西省…县下梁镇西川村三组` gives 下梁镇, 西川村, 三组.
    pub(crate) fn of(address: &'a str) -> Self {
        let mut place = Self::default();
        let mut rest = address.trim();
        for word in ["省", "自治区", "市", "县", "区"] {
            if let Some(at) = rest.find(word)
                && rest[..at].chars().count() <= 6
                && at > 0
                && !rest[..at].contains(['镇', '乡', '村'])
                && !rest[at..].starts_with("区村")
                && !rest[..at].ends_with('社')
            {
                rest = &rest[at + word.len()..];
            }
        }
        if let Some((town, behind)) = cut(rest, &["街道办事处", "街道办", "街道", "镇", "乡"])
        {
            place.town = Some(town);
            rest = behind;
        }
        if let Some((village, behind)) = cut(rest, &["村委会", "居委会", "社区", "村", "居"])
        {
            place.village = Some(village);
            rest = behind;
        }
        let group = rest.trim();
        if place.village.is_some()
            && let Some(at) = group.find('组')
            && group[..at].chars().count() <= 6
        {
            place.group = Some(&group[..at + '组'.len_utf8()]);
        }
        place
    }
}

/// Cuts a name of two to eight characters off the front, ending in one of the words.
fn cut<'a>(text: &'a str, words: &[&str]) -> Option<(&'a str, &'a str)> {
    let (at, word) = words
        .iter()
        .filter_map(|word| {
            // The word itself may begin the name: 镇安镇.
            let from = text.chars().next()?.len_utf8();
            text.get(from..)?.find(word).map(|at| (from + at, *word))
        })
        .min_by_key(|(at, word)| (*at, std::cmp::Reverse(word.len())))?;
    let end = at + word.len();
    (text[..end].chars().count() <= 9).then(|| (&text[..end], &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let place = Place::of("陕西省商洛市柞水县下梁镇西川村三组12号");
        assert_eq!(
            (place.town, place.village, place.group),
            (Some("下梁镇"), Some("西川村"), Some("三组"))
        );
        let place = Place::of("云台镇青石社区");
        assert_eq!(
            (place.town, place.village, place.group),
            (Some("云台镇"), Some("青石社区"), None)
        );
        assert_eq!(Place::of("西安市"), Place::default());
    }
}
