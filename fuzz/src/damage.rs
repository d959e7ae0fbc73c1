//! Damage that suits any file.

use crate::chance::Chance;

/// Turns, cuts, doubles, moves and writes over bytes, one to eight times.
pub(crate) fn bytes(bytes: &mut Vec<u8>, chance: &mut Chance) {
    for _ in 0..=chance.below(8) {
        if bytes.is_empty() {
            bytes.push(chance.byte());
            continue;
        }
        let at = chance.below(bytes.len());
        let to = (at + 1 + chance.below(32)).min(bytes.len());
        match chance.below(8) {
            0 => bytes[at] ^= 1 << chance.below(8),
            1 => bytes[at] = chance.byte(),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..to)),
            4 => {
                let part = bytes[at..to].to_vec();
                let into = chance.below(bytes.len());
                bytes.splice(into..into, part);
            }
            5 => bytes[at..to].fill(*chance.one(&[0, 0xff, 0x7f, 0x80, b'9'])),
            6 => {
                // The edges of numbers, as readers hold them.
                let edge = *chance.one(&[0_u32, 1, 0x7fff, 0xffff, 0x7fff_ffff, u32::MAX]);
                for (byte, new) in bytes[at..to].iter_mut().zip(edge.to_le_bytes()) {
                    *byte = new;
                }
            }
            _ => {
                let part: Vec<u8> = (0..=chance.below(6)).map(|_| chance.byte()).collect();
                bytes.splice(at..at, part);
            }
        }
        if bytes.len() > 1 << 20 {
            bytes.truncate(1 << 20);
        }
    }
}

/// Words and marks of a text: letters and digits together, anything else alone.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut from = 0;
    let mut inside = false;
    for (at, c) in text.char_indices() {
        let word = c.is_alphanumeric() || c == '_';
        if at > from && !(word && inside) {
            tokens.push(&text[from..at]);
            from = at;
        }
        inside = word;
    }
    if from < text.len() {
        tokens.push(&text[from..]);
    }
    tokens
}

/// Swaps, drops, doubles words of a text, and puts in others of its language, one to six times.
pub(crate) fn words<'a>(text: &'a str, language: &[&'a str], chance: &mut Chance) -> String {
    let mut tokens = tokens(text);
    for _ in 0..=chance.below(6) {
        if tokens.is_empty() {
            break;
        }
        let at = chance.below(tokens.len());
        let other = chance.below(tokens.len());
        match chance.below(6) {
            0 => drop(tokens.remove(at)),
            1 => tokens.swap(at, other),
            2 => tokens.insert(at, tokens[other]),
            3 => tokens[at] = *chance.one::<&str>(language),
            4 => tokens.insert(at, *chance.one::<&str>(language)),
            _ => {
                let to = (at + 1 + chance.below(24)).min(tokens.len());
                let part = tokens[at..to].to_vec();
                if chance.once_in(2) {
                    tokens.drain(at..to);
                } else {
                    tokens.splice(other..other, part);
                }
            }
        }
    }
    tokens.concat()
}
