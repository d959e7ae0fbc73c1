use std::collections::BTreeMap;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use pinyin::ToPinyinMulti;
use rayon::prelude::*;

use crate::mention::{Texts, hash, mix};

/// Characters of names that are easily taken for one another, in groups. Short on purpose: a pair that is missing here
/// still counts as one character off.
const LOOK_ALIKES: &str = "
己已巳 未末 土士 日曰 千干于 天夭 人入 大太犬 王玉主 田由甲申 刀力 晴睛 明朋 折拆 渴喝 暮幕慕 杨扬 汪旺 辛幸 析折 抡抢
沈忱 冼洗 陈阵 张弦 李季 孙逊 刘浏 吴昊 徐除 朱未 林材 何河荷 郭鄂 罗萝 宋宗 谢榭 韩翰 唐塘 冯玛 董薰 萧箫潇 程呈 曹漕 袁哀
许汻 傅博搏 沉沈 彭澎 蒋将 蔡蓁 丁了 魏巍 薛萨 叶计 阎闾 余佘 潘藩 杜社 戴载 夏厦 钟钏种 任仕 姜姿
方万 石右 姚娆 谭潭 廖寥 熊能 金全 陆陇 郝赦 孔扎 白自 崔催 康庚 毛手 邱丘 秦泰 史吏 顾硕 侯候 邵郡 孟盂 龙尤
伟玮炜纬 芳芬 娜那 秀透 英瑛 华桦晔 丽俪 强弦 磊垒 洋详祥 勇湧 军车 杰木 娟捐 涛祷 超起 霞露 平苹 刚钢纲 桂佳挂
婷停 宇字 浩洁 轩杆 涵函 梓辛  怡治 诗持 萱宣 泽译择 睿容 博傅 豪毫 佳住 琪淇棋 琳淋 颖颍 妍研  瑞端 晨震
晓哓 鹏朋 飞气 凯剀 健建 辉晖 斌彬 帆凡 波坡 海悔 清请情 静净   玲铃岭 莉利 萍平 雪雷 蕊芯 
";

/// What is worked out once for each different name.
#[derive(Debug, Default)]
pub(crate) struct Name {
    /// Number of the folded form; equal numbers are equal names.
    pub(crate) folded: u32,
    /// Simplified characters without spaces and dots.
    pub(crate) letters: Box<[char]>,
    /// The readings of each character, letters packed into a number, the commonest first.
    readings: Box<[[u32; 3]]>,
    /// The commonest reading of the whole, hashed.
    pub(crate) sound: u64,
    sounds: Box<[u64]>,
}

/// So many positions of a name are looked at one by one.
pub(crate) const POSITIONS: usize = 4;

/// How two names agree, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameLevel {
    Equal,
    Sound,
    LookAlike,
    OneOff,
    /// One of the two characters of both names.
    Half,
    Surname,
    Different,
}

impl Name {
    fn new(folded: u32, letters: Box<[char]>) -> Self {
        let readings: Box<[[u32; 3]]> = letters.iter().map(|c| readings(*c)).collect();
        let sounds = Self::all_sounds(&readings);
        Self { folded, letters, readings, sound: sounds[0], sounds }
    }

    /// The whole name's hash under each choice of one character's other readings.
    pub(crate) fn sounds(&self) -> impl Iterator<Item = u64> + '_ {
        self.sounds.iter().copied()
    }

    /// The hashes that [`Name::sounds`] gives, at most four.
    fn all_sounds(readings: &[[u32; 3]]) -> Box<[u64]> {
        let whole = readings.iter().fold(0, |h, r| mix(h ^ u64::from(r[0])));
        let mut all = vec![whole];
        for (at, other_readings) in readings.iter().enumerate() {
            for other in other_readings[1..].iter().filter(|r| **r != 0) {
                all.push(
                    readings.iter().enumerate().fold(0, |h, (i, r)| {
                        mix(h ^ u64::from(if i == at { *other } else { r[0] }))
                    }),
                );
            }
        }
        all.truncate(4);
        all.into()
    }

    /// The sound of the surname, taken as one character.
    pub(crate) fn surname(&self) -> u64 {
        self.readings.first().map_or(0, |r| u64::from(r[0]))
    }

    /// The sound of the last character.
    pub(crate) fn last(&self) -> u64 {
        self.readings.last().map_or(0, |r| u64::from(r[0]))
    }

    /// The sound of each of the first positions.
    pub(crate) fn parts(&self) -> impl Iterator<Item = u64> + '_ {
        (0_u64..).zip(&self.readings).take(POSITIONS).map(|(at, r)| mix(at << 40 ^ u64::from(r[0])))
    }

    /// Bits of the positions at which two names of one length sound alike; 0 if they differ in length.
    pub(crate) fn alike(&self, other: &Self) -> u8 {
        if self.letters.len() != other.letters.len() {
            return 0;
        }
        (0..self.letters.len().min(POSITIONS))
            .filter(|i| self.sounds_alike(other, *i, *i))
            .fold(0, |bits, i| bits | 1 << i)
    }

    fn sounds_alike(&self, other: &Self, i: usize, j: usize) -> bool {
        self.letters[i] == other.letters[j]
            || self.readings[i].iter().any(|r| *r != 0 && other.readings[j].contains(r))
    }

    /// The one character in which two names of one length differ, if they do in one only and it does not sound alike.
    pub(crate) fn one_apart(&self, other: &Self) -> Option<(char, char)> {
        if self.letters.len() != other.letters.len() {
            return None;
        }
        let mut apart = (0..self.letters.len()).filter(|i| !self.sounds_alike(other, *i, *i));
        let at = apart.next()?;
        let (a, b) = (self.letters[at], other.letters[at]);
        apart.next().is_none().then_some((a.min(b), a.max(b)))
    }

    /// How this name and another agree. `confused` are characters taken for one another, each pair ascending, sorted.
    pub(crate) fn compare(&self, other: &Self, confused: &[(char, char)]) -> NameLevel {
        if self.folded == other.folded {
            return NameLevel::Equal;
        }
        let (a, b) = (&*self.letters, &*other.letters);
        if a.is_empty() || b.is_empty() {
            return NameLevel::Different;
        }
        if a.len() == b.len() {
            if (0..a.len()).all(|i| self.sounds_alike(other, i, i)) {
                return NameLevel::Sound;
            }
            let mut off = (0..a.len()).filter(|i| !self.sounds_alike(other, *i, *i));
            if let (Some(at), None) = (off.next(), off.next()) {
                let pair = (a[at].min(b[at]), a[at].max(b[at]));
                if confused.binary_search(&pair).is_ok()
                    || look_alike(a[at], b[at])
                    || unreadable(a[at])
                    || unreadable(b[at])
                {
                    return NameLevel::LookAlike;
                }
                if a.len() >= 3 {
                    return NameLevel::OneOff;
                }
            }
            let rotated =
                |x: &Self, y: &Self| (0..a.len()).all(|i| x.sounds_alike(y, i, (i + 1) % a.len()));
            if a.len() >= 2 && (rotated(self, other) || rotated(other, self)) {
                return NameLevel::LookAlike;
            }
        }
        let (short, long, s, l) =
            if a.len() < b.len() { (a, b, self, other) } else { (b, a, other, self) };
        // Systems with short columns cut long names; a hand forgets one character.
        if short.len() >= 4 && long.len() > short.len() && long[..short.len()] == *short {
            return NameLevel::LookAlike;
        }
        if short.len() >= 2 && long.len() == short.len() + 1 {
            let skip = (0..short.len()).take_while(|i| s.sounds_alike(l, *i, *i)).count();
            if (skip..short.len()).all(|i| s.sounds_alike(l, i, i + 1)) {
                return NameLevel::OneOff;
            }
        }
        if a.len() == b.len() && a.len() >= 3 {
            let mut off = (0..a.len()).filter(|i| a[*i] != b[*i]);
            if let (Some(i), Some(j), None) = (off.next(), off.next(), off.next())
                && a[i] == b[j]
                && a[j] == b[i]
            {
                return NameLevel::OneOff;
            }
        }
        let surname = self.sounds_alike(other, 0, 0);
        if a.len() == 2 && b.len() == 2 && (surname || self.sounds_alike(other, 1, 1)) {
            NameLevel::Half
        } else if surname {
            NameLevel::Surname
        } else {
            NameLevel::Different
        }
    }
}

fn unreadable(c: char) -> bool {
    matches!(c, '?' | '？' | '*' | '＊' | '□' | '〓' | '\u{fffd}')
}

fn look_alike(a: char, b: char) -> bool {
    LOOK_ALIKES.split_whitespace().any(|group| group.contains(a) && group.contains(b))
}

/// Up to three readings of a character, letters only, the commonest first.
fn readings(c: char) -> [u32; 3] {
    let mut all = [0; 3];
    let mut n = 0;
    let Some(multi) = c.to_pinyin_multi() else {
        all[0] = c as u32 | 1 << 31;
        return all;
    };
    for reading in multi {
        let packed = reading.plain().bytes().fold(0, |p, b| p << 5 | u32::from(b & 31));
        if n < 3 && !all[..n].contains(&packed) {
            all[n] = packed;
            n += 1;
        }
    }
    all
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
        )
}

/// Every name of `texts`, folded and sounded; position 0 is the empty name.
pub(crate) fn prepare(texts: &Texts) -> Vec<Name> {
    let count = u32::try_from(texts.len()).expect("names are counted in 32 bits");
    let all: Vec<u32> = (1..=count).collect();
    prepare_some(texts, &all)
}

/// The names with these numbers, each at its number; the others are left empty.
pub(crate) fn prepare_some(texts: &Texts, needed: &[u32]) -> Vec<Name> {
    let mut letters: BTreeMap<char, char> = BTreeMap::new();
    for c in needed.iter().flat_map(|n| texts.get(*n).chars()) {
        letters.entry(c).or_insert(c);
    }
    if let Ok(simplified) = OpenCC::from_config(BuiltinConfig::T2s) {
        for (from, to) in letters.iter_mut().filter(|(c, _)| !c.is_ascii()) {
            let text = simplified.convert(&from.to_string());
            if let (Some(c), 1) = (text.chars().next(), text.chars().count()) {
                *to = c;
            }
        }
    }
    for to in letters.values_mut() {
        // Old and odd forms that the tables of simplification leave alone.
        *to = match *to {
            '㛃' => '洁',
            '堃' => '坤',
            '喆' => '哲',
            '昇' => '升',
            '㵘' => '淼',
            '姸' => '妍',
            '髙' => '高',
            '袆' => '祎',
            c if ('Ａ'..='Ｚ').contains(&c) || ('ａ'..='ｚ').contains(&c) => {
                char::from_u32(c as u32 - 0xfee0).unwrap_or(c).to_ascii_uppercase()
            }
            c => c.to_ascii_uppercase(),
        };
    }
    let folds: Vec<String> = needed
        .par_iter()
        .map(|n| texts.get(*n).chars().filter(|c| !is_joint(*c)).map(|c| letters[&c]).collect())
        .collect();
    let mut forms = Texts::default();
    let numbers: Vec<u32> = folds.iter().map(|f| forms.intern(f)).collect();
    let ready: Vec<Name> =
        folds.par_iter().zip(&numbers).map(|(f, n)| Name::new(*n, f.chars().collect())).collect();
    let mut names: Vec<Name> = Vec::new();
    names.resize_with(texts.len() + 1, Name::default);
    for (n, name) in needed.iter().zip(ready) {
        names[*n as usize] = name;
    }
    names
}

/// A number for the folded name that is the same in every run.
pub(crate) fn stable(name: &Name) -> u64 {
    hash(&name.letters.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_offices_write_them() {
        let check = |a: &str, b: &str, want: NameLevel| {
            let mut texts = Texts::default();
            let (i, j) = (texts.intern(a), texts.intern(b));
            let names = prepare(&texts);
            assert_eq!(names[i as usize].compare(&names[j as usize], &[]), want, "{a} {b}");
            assert_eq!(names[j as usize].compare(&names[i as usize], &[]), want, "{b} {a}");
        };
        check("张伟", "張偉", NameLevel::Equal);
        check("张 伟", "张伟", NameLevel::Equal);
        check("阿依古丽·买买提", "阿依古丽•买买提", NameLevel::Equal);
        check("阿依古丽.买买提", "阿依古丽买买提", NameLevel::Equal);
        check("张伟", "章玮", NameLevel::Sound);
        check("单小红", "山小红", NameLevel::Sound);
        check("仇晓", "求晓", NameLevel::Sound);
        check("王晨曦", "王震曦", NameLevel::LookAlike);
        check("王未", "王末", NameLevel::LookAlike);
        check("王?曦", "王晨曦", NameLevel::LookAlike);
        check("伟张", "张伟", NameLevel::LookAlike);
        check("阿依古丽", "阿依古丽买买提", NameLevel::LookAlike);
        check("王子涵", "王子墨", NameLevel::OneOff);
        check("王子涵", "王涵", NameLevel::OneOff);
        check("王子涵", "王涵子", NameLevel::OneOff);
        check("王伟", "王芳", NameLevel::Half);
        check("李伟", "王伟", NameLevel::Half);
        check("王伟", "王海燕", NameLevel::Surname);
        check("王子涵", "王海燕", NameLevel::Surname);
        check("李强", "王芳", NameLevel::Different);
        check("·", "王芳", NameLevel::Different);
    }
}
