//! The documents that come of a case.

use std::collections::BTreeMap;

use super::Template;

/// A document filled in: its title and its paragraphs.
///
/// # Errors
/// The fields that are not there: the document is not to go out.
pub fn fill(
    template: &Template,
    fields: &BTreeMap<&str, String>,
) -> Result<(String, Vec<String>), Vec<String>> {
    let mut absent = Vec::new();
    let mut paragraphs = Vec::new();
    for line in template.text.lines().filter(|line| !line.trim().is_empty()) {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            let (name, behind) = behind.split_once('}').expect("templates are checked");
            match fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()) {
                Some(value) => out.push_str(value),
                None => absent.push(name.to_owned()),
            }
            rest = behind;
        }
        out.push_str(rest);
        paragraphs.push(out);
    }
    absent.sort_unstable();
    absent.dedup();
    if absent.is_empty() { Ok((template.title.clone(), paragraphs)) } else { Err(absent) }
}
