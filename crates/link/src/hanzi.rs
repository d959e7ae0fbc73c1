//! Chinese names as numbers: characters folded to one form, with their readings.

use std::collections::BTreeMap;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use pinyin::ToPinyinMulti;
use rayon::prelude::*;

use crate::mention::{Texts, hash, mix};

/// Groups of characters that are easily taken for one another.
const LOOK_ALIKES: &str = include_str!("look_alikes.txt");

/// So many positions of a name are looked at one by one.
pub(crate) const POSITIONS: usize = 4;

/// So many look-alike groups of a character are kept.
const GROUPS: usize = 6;

/// Number of a letter in an [`Alphabet`].
type Letter = u16;

/// The unreadable letter: ?, □ and the like.
const UNREADABLE: Letter = 1;

/// Every character that occurs in names, once, folded, with its readings.
#[derive(Debug, Default)]
pub(crate) struct Alphabet {
    /// Up to three readings, the commonest first; 0 is none.
    readings: Vec<[u16; 3]>,
    /// Numbers of the look-alike groups that the letter is in, ascending; 0 fills up.
    groups: Vec<[u16; GROUPS]>,
    /// The number of each reading, and by number a hash of it that is the same in every run.
    sounds: BTreeMap<String, u16>,
    heard: Vec<u64>,
    /// A hash of the letter's form that is the same in every run.
    stable: Vec<u64>,
}

/// How two names agree, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameRelation {
    /// Equal when folded: 简繁, spaces, dots.
    Equal,
    /// Every character sounds alike.
    Sound,
    /// One character is ?, □ or stands in pinyin, the others sound alike.
    Unreadable,
    /// Surname and given name swapped, or split elsewhere.
    Swapped,
    /// One character looks alike, the others sound alike.
    LookAlike,
    /// The longer begins with the shorter: cut by a short column.
    Truncated,
    /// One character is missing.
    Dropped,
    /// One character of three or more is another.
    OneOff,
    /// Two characters of four or more are others, or two of three are exchanged.
    TwoOff,
    /// One of the two characters of both names.
    Half,
    /// The given name alone.
    Given,
    /// The surname alone.
    Surname,
    /// Nothing.
    Different,
}

impl NameRelation {
    /// All, with the words by which a spec calls them.
    pub(crate) const WORDS: [(&'static str, Self); 13] = [
        ("equal", Self::Equal),
        ("sound", Self::Sound),
        ("unreadable", Self::Unreadable),
        ("swapped", Self::Swapped),
        ("look_alike", Self::LookAlike),
        ("truncated", Self::Truncated),
        ("dropped", Self::Dropped),
        ("one_off", Self::OneOff),
        ("two_off", Self::TwoOff),
        ("half", Self::Half),
        ("given", Self::Given),
        ("surname", Self::Surname),
        ("different", Self::Different),
    ];
}

/// Names worked out: number 0 is the empty name.
#[derive(Debug, Default)]
pub(crate) struct Names {
    alphabet: Alphabet,
    letters: Vec<Letter>,
    end: Vec<u32>,
    /// Number of the folded form; equal numbers are equal names.
    folded: Vec<u32>,
    /// The commonest reading of the whole, hashed.
    sound: Vec<u64>,
}

impl Names {
    /// Works out every text; a name keeps its number.
    pub(crate) fn new(texts: &Texts) -> Self {
        let count = u32::try_from(texts.len()).expect("names are counted in 32 bits");
        Self::some(texts, &(0..=count).collect::<Vec<u32>>())
    }

    /// The texts with these numbers, each at its number; the others are left empty.
    pub(crate) fn some(texts: &Texts, needed: &[u32]) -> Self {
        let count = u32::try_from(texts.len()).expect("names are counted in 32 bits");
        let numbers: Vec<u32> = (0..=count).collect();
        let mut wanted = vec![false; numbers.len()];
        for n in needed {
            wanted[*n as usize] = true;
        }
        let text = |n: u32| if wanted[n as usize] { texts.get(n) } else { "" };
        let mut seen = vec![0_u64; 0x11_0000 / 64];
        for c in needed.iter().flat_map(|n| texts.get(*n).chars()) {
            seen[c as usize / 64] |= 1 << (c as usize % 64);
        }
        let chars: Vec<char> = (0..=char::MAX as u32)
            .filter(|n| seen[*n as usize / 64] >> (n % 64) & 1 == 1)
            .filter_map(char::from_u32)
            .collect();
        let (alphabet, letter_of) = Alphabet::new(&chars);
        let mut names = Self { alphabet, ..Self::default() };
        let (mut forms, mut form) = (Texts::default(), String::new());
        // A syllable of Latin letters among Chinese characters stands for one of them.
        let mut syllables: BTreeMap<String, Letter> = BTreeMap::new();
        for number in &numbers {
            form.clear();
            let (letters, alphabet) = (&mut names.letters, &mut names.alphabet);
            spell(text(*number), &mut |piece| {
                let letter = match piece {
                    Spelt::Letter(c) => letter_of(c),
                    Spelt::Syllable(text) => *syllables
                        .entry(text.to_owned())
                        .or_insert_with(|| alphabet.add_syllable(text)),
                };
                letters.push(letter);
                form.push(
                    char::from_u32(0x1_0000 + u32::from(letter)).expect("a plane beyond the first"),
                );
            });
            names.end.push(u32::try_from(names.letters.len()).expect("letters fit 32 bits"));
            names.folded.push(forms.intern(&form));
        }
        names.sound = numbers
            .par_iter()
            .with_min_len(1024)
            .map(|n| {
                let letters = names.letters(*n);
                if letters.is_empty() {
                    return 0;
                }
                letters
                    .iter()
                    .fold(1, |h, l| mix(h ^ u64::from(names.alphabet.readings[usize::from(*l)][0])))
            })
            .collect();
        names
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.end.len()).expect("names are counted in 32 bits")
    }

    /// The same names numbered by their folded forms.
    pub(crate) fn by_form(self) -> Self {
        let forms = self.folded.iter().max().map_or(0, |f| *f as usize + 1);
        let mut first = vec![u32::MAX; forms];
        for (name, form) in (0..).zip(&self.folded) {
            let at = &mut first[*form as usize];
            *at = name.min(*at);
        }
        let mut names = Self::default();
        for (form, name) in (0..).zip(first) {
            names.letters.extend_from_slice(self.letters(name));
            names.end.push(u32::try_from(names.letters.len()).expect("letters fit 32 bits"));
            names.folded.push(form);
            names.sound.push(self.sound[name as usize]);
        }
        names.alphabet = self.alphabet;
        names
    }

    fn letters(&self, name: u32) -> &[Letter] {
        let n = name as usize;
        let from = if n == 0 { 0 } else { self.end[n - 1] as usize };
        &self.letters[from..self.end[n] as usize]
    }

    /// Number of the folded form; 0 is empty.
    pub(crate) fn folded(&self, name: u32) -> u32 {
        self.folded[name as usize]
    }

    /// A hash of the commonest reading of the whole; 0 is empty.
    pub(crate) fn sound(&self, name: u32) -> u64 {
        self.sound[name as usize]
    }

    /// A hash of the folded form that is the same in every run.
    pub(crate) fn stable(&self, name: u32) -> u64 {
        self.letters(name).iter().fold(2, |h, l| mix(h ^ self.alphabet.stable[usize::from(*l)]))
    }

    /// The sound of the surname, taken as one character; 0 is none.
    pub(crate) fn surname(&self, name: u32) -> u64 {
        self.letters(name).first().map_or(0, |l| self.reading(*l))
    }

    /// The sound of all but the surname; 0 is none.
    pub(crate) fn given(&self, name: u32) -> u64 {
        match self.letters(name) {
            [_, given @ ..] if !given.is_empty() => {
                given.iter().fold(3, |h, l| mix(h ^ self.reading(*l)))
            }
            _ => 0,
        }
    }

    /// The sound of the last character; 0 is none.
    pub(crate) fn last(&self, name: u32) -> u64 {
        self.letters(name).last().map_or(0, |l| self.reading(*l))
    }

    /// The characters' sounds whatever their order; 0 is empty.
    pub(crate) fn unordered(&self, name: u32) -> u64 {
        self.letters(name).iter().fold(0, |h: u64, l| h.wrapping_add(mix(self.reading(*l) + 1)))
    }

    /// A hash of a letter's commonest reading, the same in every run.
    fn reading(&self, letter: Letter) -> u64 {
        self.alphabet.heard(self.alphabet.readings[usize::from(letter)][0])
    }

    /// The hashes of the whole under each choice of one character's other readings, the commonest first; at most four.
    pub(crate) fn sounds(&self, name: u32) -> Vec<u64> {
        let letters = self.letters(name);
        let mut all = vec![self.sound(name)];
        for (at, letter) in letters.iter().enumerate() {
            for other in
                self.alphabet.readings[usize::from(*letter)][1..].iter().filter(|r| **r != 0)
            {
                let sound = letters.iter().enumerate().fold(1, |h, (i, l)| {
                    mix(h ^ if i == at { self.alphabet.heard(*other) } else { self.reading(*l) })
                });
                all.push(sound);
            }
        }
        all.truncate(4);
        all
    }

    /// The sound of each of the first positions.
    pub(crate) fn parts(&self, name: u32) -> impl Iterator<Item = u64> + '_ {
        let letters = self.letters(name).iter().take(POSITIONS);
        (0_u64..).zip(letters).map(|(at, l)| mix(at << 40 ^ self.reading(*l)))
    }

    /// Bits of the positions at which two names of one length sound alike; 0 if they differ in length.
    pub(crate) fn alike_at(&self, one: u32, other: u32) -> u8 {
        let (a, b) = (self.letters(one), self.letters(other));
        if a.len() != b.len() {
            return 0;
        }
        let pairs = a.iter().zip(b).take(POSITIONS).enumerate();
        pairs.filter(|(_, (x, y))| self.alike(**x, **y)).fold(0, |bits, (at, _)| bits | 1 << at)
    }

    /// The one character in which two names of one length differ, if they do in one only and it does not sound alike; as
    /// two hashes that are the same in every run, ascending.
    pub(crate) fn one_apart(&self, one: u32, other: u32) -> Option<(u64, u64)> {
        let (a, b) = (self.letters(one), self.letters(other));
        if a.len() != b.len() {
            return None;
        }
        let mut apart = a.iter().zip(b).filter(|(x, y)| !self.alike(**x, **y));
        let (x, y) = apart.next()?;
        let (x, y) = (self.alphabet.stable[usize::from(*x)], self.alphabet.stable[usize::from(*y)]);
        apart.next().is_none().then_some((x.min(y), x.max(y)))
    }

    fn alike(&self, a: Letter, b: Letter) -> bool {
        a == b || {
            let (x, y) =
                (&self.alphabet.readings[usize::from(a)], &self.alphabet.readings[usize::from(b)]);
            x.iter().any(|r| *r != 0 && y.contains(r))
        }
    }

    fn look_alike(&self, a: Letter, b: Letter) -> bool {
        let (x, y) = (&self.alphabet.groups[usize::from(a)], &self.alphabet.groups[usize::from(b)]);
        x.iter().any(|g| *g != 0 && y.contains(g))
    }

    /// How two names agree, by their numbers; neither is empty.
    pub(crate) fn compare(&self, one: u32, other: u32) -> NameRelation {
        if self.folded(one) == self.folded(other) {
            return NameRelation::Equal;
        }
        let (a, b) = (self.letters(one), self.letters(other));
        if a.is_empty() || b.is_empty() {
            return NameRelation::Different;
        }
        let length = a.len();
        if length == b.len() {
            let mut off = (0..length).filter(|i| !self.alike(a[*i], b[*i]));
            let (first, second, third) = (off.next(), off.next(), off.next());
            let Some(at) = first else { return NameRelation::Sound };
            if second.is_none() {
                let (x, y) = (a[at], b[at]);
                if x == UNREADABLE || y == UNREADABLE {
                    return NameRelation::Unreadable;
                }
                if self.look_alike(x, y) {
                    return NameRelation::LookAlike;
                }
                if length >= 3 {
                    return NameRelation::OneOff;
                }
            }
            let rotated = |x: &[Letter], y: &[Letter], by: usize| {
                (0..length).all(|i| self.alike(x[i], y[(i + by) % length]))
            };
            if length >= 2
                && (1..length)
                    .any(|by| (by == 1 || by == length - 1 || length >= 4) && rotated(a, b, by))
            {
                return NameRelation::Swapped;
            }
            if let (Some(i), Some(j), None) = (first, second, third)
                && length >= 3
                && ((self.alike(a[i], b[j]) && self.alike(a[j], b[i])) || length >= 4)
            {
                return NameRelation::TwoOff;
            }
        }
        let (short, long) = if length < b.len() { (a, b) } else { (b, a) };
        if short.len() >= 4 && long.len() > short.len() && long[..short.len()] == *short {
            return NameRelation::Truncated;
        }
        if short.len() >= 2 && long.len() == short.len() + 1 {
            let skip = short.iter().zip(long).take_while(|(x, y)| self.alike(**x, **y)).count();
            if (skip..short.len()).all(|i| self.alike(short[i], long[i + 1])) {
                return NameRelation::Dropped;
            }
        }
        let surname = self.alike(a[0], b[0]);
        let given = length == b.len() && (1..length).all(|i| self.alike(a[i], b[i]));
        match (length, b.len()) {
            (2, 2) if surname || given => NameRelation::Half,
            _ if given => NameRelation::Given,
            _ if surname => NameRelation::Surname,
            _ => NameRelation::Different,
        }
    }
}

/// A piece of a name as it is written.
enum Spelt<'a> {
    Letter(char),
    Syllable(&'a str),
}

fn spell(text: &str, one: &mut impl FnMut(Spelt<'_>)) {
    let chinese = text.chars().any(|c| c as u32 >= 0x2e80 && !is_joint(c) && !full_width(c));
    let mut syllable = String::new();
    for c in text.chars() {
        let c = half(c);
        if chinese && c.is_ascii_alphabetic() {
            syllable.push(c.to_ascii_lowercase());
            continue;
        }
        if !syllable.is_empty() {
            one(Spelt::Syllable(&syllable));
            syllable.clear();
        }
        if !is_joint(c) {
            one(Spelt::Letter(c));
        }
    }
    if !syllable.is_empty() {
        one(Spelt::Syllable(&syllable));
    }
}

fn full_width(c: char) -> bool {
    ('\u{ff01}'..='\u{ff5e}').contains(&c)
}

/// Full-width forms of ASCII as ASCII.
fn half(c: char) -> char {
    if full_width(c) { char::from_u32(c as u32 - 0xfee0).unwrap_or(c) } else { c }
}

fn unreadable(c: char) -> bool {
    matches!(c, '?' | '*' | '□' | '〓' | '\u{fffd}' | '×' | '〇' | '○')
}

/// What to drop from a name: spaces, and the dots of names of other languages, in every form they are written.
fn is_joint(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '·' | '•'
                | '‧'
                | '・'
                | '･'
                | '．'
                | '.'
                | '。'
                | '∙'
                | '⋅'
                | '●'
                | '﹒'
                | '-'
                | '\''
                | '\u{200b}'
                | '\u{feff}'
        )
}

/// Old and odd forms that the tables of simplification leave alone.
fn fold_odd(c: char) -> char {
    match c {
        '㛃' => '洁',
        '堃' => '坤',
        '喆' => '哲',
        '昇' => '升',
        '㵘' => '淼',
        '姸' => '妍',
        '髙' => '高',
        '袆' => '祎',
        '吕' | '呂' => '吕',
        '吳' | '呉' => '吴',
        '戶' => '户',
        '內' => '内',
        c => c.to_ascii_uppercase(),
    }
}

impl Alphabet {
    /// The letters of `chars` (ascending), and the number of each character's letter.
    fn new(chars: &[char]) -> (Self, impl Fn(char) -> Letter + use<>) {
        let simplify = OpenCC::from_config(BuiltinConfig::T2s).ok();
        let fold = |c: char| {
            let c = half(c);
            if unreadable(c) {
                return '?';
            }
            let simple = match &simplify {
                Some(t2s) if !c.is_ascii() => {
                    let text = t2s.convert(&c.to_string());
                    let mut out = text.chars();
                    match (out.next(), out.next()) {
                        (Some(one), None) => one,
                        _ => c,
                    }
                }
                _ => c,
            };
            fold_odd(simple)
        };
        let folds: Vec<(char, char)> = chars.iter().map(|c| (*c, fold(*c))).collect();
        let mut forms: Vec<char> = folds.iter().map(|(_, f)| *f).filter(|f| *f != '?').collect();
        forms.sort_unstable();
        forms.dedup();
        // 0 is no letter, 1 the unreadable one.
        let mut alphabet = Self {
            readings: vec![[0; 3]; 2],
            groups: vec![[0; GROUPS]; 2],
            sounds: BTreeMap::new(),
            heard: vec![0],
            stable: vec![0, u64::from('?')],
        };
        let groups = look_alike_groups();
        for form in &forms {
            let readings = alphabet.readings(*form);
            alphabet.readings.push(readings);
            let mut mine = [0; GROUPS];
            let from = groups.partition_point(|(c, _)| c < form);
            let in_groups = groups[from..].iter().take_while(|(c, _)| c == form);
            for (to, (_, group)) in mine.iter_mut().zip(in_groups) {
                *to = *group;
            }
            alphabet.groups.push(mine);
            alphabet.stable.push(u64::from(*form));
        }
        let letters: Vec<(char, Letter)> = folds
            .iter()
            .map(|(c, f)| {
                let at = if *f == '?' {
                    usize::from(UNREADABLE)
                } else {
                    forms.binary_search(f).expect("every form is listed") + 2
                };
                // A register with more than 65 000 different characters has none to spare for the rarest.
                (*c, Letter::try_from(at).unwrap_or(UNREADABLE))
            })
            .collect();
        let mut table = vec![0; letters.last().map_or(0, |(c, _)| *c as usize + 1)];
        for (c, letter) in letters {
            table[c as usize] = letter;
        }
        let of =
            move |c: char| table.get(c as usize).copied().filter(|l| *l != 0).unwrap_or(UNREADABLE);
        (alphabet, of)
    }

    /// Adds a letter for a syllable.
    fn add_syllable(&mut self, text: &str) -> Letter {
        let Ok(letter) = Letter::try_from(self.readings.len()) else { return UNREADABLE };
        let sound = self.sound_number(text);
        self.readings.push([sound, 0, 0]);
        self.groups.push([0; GROUPS]);
        self.stable.push(hash(text));
        letter
    }
}

fn look_alike_groups() -> Vec<(char, u16)> {
    let lines = LOOK_ALIKES.lines().filter(|l| !l.starts_with('#'));
    let mut all: Vec<(char, u16)> = (1..)
        .zip(lines.flat_map(str::split_whitespace))
        .flat_map(|(n, group)| group.chars().map(move |c| (c, n)))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl Alphabet {
    /// The number of a reading.
    fn sound_number(&mut self, reading: &str) -> u16 {
        if let Some(number) = self.sounds.get(reading) {
            return *number;
        }
        let next = u16::try_from(self.heard.len()).unwrap_or(u16::MAX);
        self.sounds.insert(reading.to_owned(), next);
        self.heard.push(hash(reading));
        next
    }

    fn heard(&self, number: u16) -> u64 {
        self.heard.get(usize::from(number)).copied().unwrap_or(0)
    }

    /// Up to three readings of a character, the commonest first; a character without one is its own reading.
    fn readings(&mut self, c: char) -> [u16; 3] {
        let mut all = [0; 3];
        let mut n = 0;
        let Some(multi) = c.to_pinyin_multi() else {
            all[0] = self.sound_number(&format!("={c}"));
            return all;
        };
        for reading in multi {
            let number = self.sound_number(reading.plain());
            if n < 3 && !all[..n].contains(&number) {
                all[n] = number;
                n += 1;
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_offices_write_them() {
        let check = |a: &str, b: &str, want: NameRelation| {
            let mut texts = Texts::default();
            let (i, j) = (texts.intern(a), texts.intern(b));
            let names = Names::new(&texts);
            assert_eq!(names.compare(i, j), want, "{a} {b}");
            assert_eq!(names.compare(j, i), want, "{b} {a}");
        };
        check("张伟", "張偉", NameRelation::Equal);
        check("张 伟", "张　伟", NameRelation::Equal);
        check("阿依古丽·买买提", "阿依古丽•买买提", NameRelation::Equal);
        check("阿依古丽.买买提", "阿依古丽买买提", NameRelation::Equal);
        check("张伟", "章玮", NameRelation::Sound);
        check("单小红", "山小红", NameRelation::Sound);
        check("王chen曦", "王晨曦", NameRelation::Sound);
        check("王CHEN曦", "王晨曦", NameRelation::Sound);
        check("王晨曦", "王震曦", NameRelation::LookAlike);
        check("王未", "王末", NameRelation::LookAlike);
        check("王?曦", "王晨曦", NameRelation::Unreadable);
        check("王？曦", "王晨曦", NameRelation::Unreadable);
        check("伟张", "张伟", NameRelation::Swapped);
        check("晨曦王", "王晨曦", NameRelation::Swapped);
        check("娜欧阳", "欧阳娜", NameRelation::Swapped);
        check("阿依古丽", "阿依古丽买买提", NameRelation::Truncated);
        check("王子涵", "王子墨", NameRelation::OneOff);
        check("王子涵", "王涵", NameRelation::Dropped);
        check("王子涵", "王涵子", NameRelation::TwoOff);
        check("王伟", "王芳", NameRelation::Half);
        check("李伟", "王伟", NameRelation::Half);
        check("王伟", "王海燕", NameRelation::Surname);
        check("王子涵", "王海燕", NameRelation::Surname);
        check("李强", "王芳", NameRelation::Different);
    }
}
