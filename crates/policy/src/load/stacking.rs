//! Which programme gives way to which.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::{Loader, Raw};
use crate::programme::Programme;

/// Fills in who gives way to whom. Two programmes can only meet on the same subject and period, and nobody gives way to
/// somebody who gives way to him.
pub(super) fn settle(
    loader: &mut Loader<'_>,
    programmes: &mut [Programme],
    said: &BTreeMap<String, Vec<Raw>>,
) {
    // They are sorted by key.
    let place = |key: &str, all: &[Programme]| all.binary_search_by(|p| (*p.key).cmp(key)).ok();
    for (key, raws) in said {
        let Some(over) = place(key, programmes) else { continue };
        for raw in raws {
            // A key that is nobody's was told where the programme was read.
            let Some(under) = place(&raw.text, programmes) else { continue };
            let (a, b) = (&programmes[over], &programmes[under]);
            if over == under {
                loader.say(raw.place, format!("{key} 不能排除自己"), "删去");
            } else if a.frame != b.frame || a.rhythm != b.rhythm {
                loader.say(
                    raw.place,
                    format!(
                        "{} 的对象或期间与 {key} 不同（{}、{}，{}、{}），排除不了",
                        b.key,
                        b.frame.code(),
                        b.rhythm.code(),
                        a.frame.code(),
                        a.rhythm.code()
                    ),
                    "写进两个项目的 who",
                );
            } else if gives_way(programmes, over, under) {
                loader.say(
                    raw.place,
                    format!("{key} 排除 {}，{} 又排除 {key}", b.key, b.key),
                    "只在应当先发的一方写 excludes",
                );
            } else {
                let key = Arc::clone(&programmes[over].key);
                let list = &mut programmes[under].excluded_by;
                if !list.contains(&key) {
                    list.push(key);
                }
            }
        }
    }
}

/// Whether `one` gives way to `other`, straight or over third ones.
fn gives_way(programmes: &[Programme], one: usize, other: usize) -> bool {
    let mut seen = vec![false; programmes.len()];
    let mut open = vec![one];
    while let Some(at) = open.pop() {
        if at == other {
            return true;
        }
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        for key in &programmes[at].excluded_by {
            open.extend(programmes.binary_search_by(|p| p.key.cmp(key)).ok());
        }
    }
    false
}
