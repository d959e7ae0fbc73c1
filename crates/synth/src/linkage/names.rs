//! Names for a million people: the lists of [`crate::names`], drawn so that a few are frequent and many are rare.

use crate::names;
use crate::rng::Rng;

/// Surnames beyond the hundred and more of [`names::SURNAMES`]; together about one in nine.
const FURTHER_SURNAMES: &str = "严 尤 华 俞 鲍 费 岑 滕 罗 毕 安 乐 时 皮 卞 伍 元 卜 平 和 穆 湛 臧 伏 宋 茅 庞 纪 \
    项 祁 董 蓝 闵 席 季 麻 强 路 娄 危 颜 梅 盛 刁 骆 樊 凌 虞 支 咎 管 莫 房 裘 缪 干 解 应 宗 宣 邓 郁 单 杭 包 诸 左 吉 钮 嵇 \
    荣 翁 荀 羊 於 惠 甄 曲 家 封 芮 靳 邴 松 井 富 巫 乌 焦 巴 弓 牧 隗 谷 车 宓 蓬 全 郗 班 仰 秋 仲 伊 宫 宁 仇 栾 甘 厉 戎 祖 \
    符 景 詹 束 幸 司 韶 蓟 薄 印 宿 怀 蒲 从 鄂 索 籍 卓 蔺 屠 蒙 池 阴 胥 苍 闻 莘 翟 申 扶 堵 冉 宰 郦 雍 桑 桂 濮 牛 寿 通 边 \
    扈 燕 冀 郏 浦 农 温 别 庄 晏 柴 瞿 阎 慕 连 茹 习 宦 艾 容 古 慎 戈 庾 终 居 步 都 耿 满 弘 匡 寇 广 禄 阙 欧 利 蔚 越 隆 师 \
    巩 聂 晁 勾 敖 融 冷 辛 阚 那 简 饶 空 沙 养 鞠 须 丰 巢 关 相 查 红 游 竺 权 盖 益 桓 公 苟 苗 闫 肖 付 代 丘 米 逯 降 仝 衡 \
    上官 诸葛 东方 皇甫 令狐 慕容 尉迟 司徒";

/// Surnames of two characters.
pub(super) const COMPOUND: [&str; 10] =
    ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "令狐", "慕容", "尉迟", "司徒"];

/// Whole given names that many bear, by sex and time of birth (to 1989, since), the most frequent first.
const POPULAR: [[&str; 2]; 2] = [
    [
        "伟 勇 军 磊 涛 强 斌 波 杰 超 鹏 建国 建华 志强 建军 志刚 海涛 建平 文军 小军 国强 永强 海军 志明 俊杰 建明 明 辉 刚 平 \
         建新 晓东 立军 红军 春生 卫东 金平 新民 小平 德军 林 飞 毅 康 亮",
        "浩宇 子轩 浩然 宇轩 俊杰 梓轩 宇航 子豪 子涵 博文 浩 鑫 杰 涛 宇 文博 天佑 嘉豪 俊熙 一鸣 博 昊天 子墨 佳豪 家豪 伟 磊 \
         鹏飞 志远 明轩 奕辰 沐宸 浩轩 梓豪 皓轩 俊豪 宏宇 思远 睿 辰",
    ],
    [
        "秀英 桂英 丽 静 艳 敏 娟 霞 燕 芳 玲 红 秀兰 桂兰 玉兰 桂芳 秀芳 小红 丽娟 红梅 春梅 海燕 晓燕 小燕 红霞 春霞 丽华 玉梅 \
         秀珍 秀梅 小芳 婷 莉 梅 萍 娜 琴 慧 英 彩霞 小玲 金凤 桂花 小英",
        "欣怡 梓涵 诗涵 子涵 雨涵 梓萱 思涵 佳怡 雨欣 欣妍 可馨 梦瑶 雨桐 静怡 佳琪 思琪 婷 欣悦 语嫣 若曦 雅琪 佳慧 雨萱 紫涵 一诺 \
         艺涵 依诺 心怡 怡 悦 静 慧 婷婷 甜甜 思雨 梦琪 雪 欣 涵 玥",
    ],
];

/// Characters that old systems and short type cases do not have, with the pinyin that clerks write instead.
const RARE: [(char, &str); 30] = [
    ('喆', "zhe"),
    ('堃', "kun"),
    ('犇', "ben"),
    ('翀', "chong"),
    ('昶', "chang"),
    ('燚', "yi"),
    ('垚', "yao"),
    ('淼', "miao"),
    ('赟', "yun"),
    ('彧', "yu"),
    ('昇', "sheng"),
    ('珺', "jun"),
    ('璟', "jing"),
    ('瑄', "xuan"),
    ('祎', "yi"),
    ('弢', "tao"),
    ('䶮', "yan"),
    ('㛃', "jie"),
    ('𬭎', "hong"),
    ('𬱖', "wei"),
    ('旻', "min"),
    ('翯', "he"),
    ('珩', "heng"),
    ('琇', "xiu"),
    ('婞', "xing"),
    ('劼', "jie"),
    ('芃', "peng"),
    ('骉', "biao"),
    ('玘', "qi"),
    ('鋆', "yun"),
];
/// Share of given names with one of them.
pub(super) const RARE_SHARE: f64 = 0.012;

/// Surnames that the reform of 1977 and its end wrote in two ways, and others that clerks mix up.
const SURNAME_VARIANTS: &str =
    "阎闫 萧肖 傅付 戴代 邱丘 蓝兰 钟锺 褚储 卢芦 余佘 于於 沈沉 范範 姜薑 罗逻 贾价 龚巩 欧区";

/// Long ones, which forms with twelve characters cut off.
const LONG_DOTTED: &str = "阿卜杜热合曼 阿卜杜克热木 阿卜力克木 古丽米热 吐尔洪江 麦麦提吐尔孙 阿依努尔 热孜万古丽 努尔买买提 \
    茹先古丽 阿不都热依木 艾合买提江 阿布都沙拉木 帕提古丽 布合丽其木";

/// How a given name is bound by those of brothers and sisters.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    /// Not at all.
    Free,
    /// It begins with this character.
    Generation(char),
    /// It shares a character with this one, if that has two.
    TwinOf(&'a str),
}

/// Lists made ready to draw from and to look up in.
pub(super) struct Tables {
    /// Surnames with the running sum of their weights.
    surnames: Vec<(&'static str, u32)>,
    /// Characters by sex and time.
    given: [[Vec<char>; 3]; 2],
    popular: [[Vec<&'static str>; 2]; 2],
    generation: Vec<char>,
    dotted: Vec<&'static str>,
    homophones: Others,
    look_alikes: Others,
    traditional: Others,
    surname_variants: Others,
    rare: Vec<(char, &'static str)>,
}

/// What a character can be taken for, by character.
struct Others(Vec<(char, Vec<char>)>);

impl Others {
    fn new(groups: &str) -> Self {
        let mut others: Vec<(char, Vec<char>)> = Vec::new();
        for group in groups.split_whitespace() {
            for c in group.chars() {
                let companions: Vec<char> = group.chars().filter(|x| *x != c).collect();
                if !companions.is_empty() {
                    others.push((c, companions));
                }
            }
        }
        others.sort_by_key(|(c, _)| *c);
        // A character of two groups is looked up in the first of them.
        others.dedup_by_key(|(c, _)| *c);
        Self(others)
    }

    fn of(&self, c: char) -> Option<&[char]> {
        let at = self.0.binary_search_by_key(&c, |(x, _)| *x).ok()?;
        Some(&self.0[at].1)
    }
}

impl Tables {
    pub(super) fn new() -> Self {
        let mut surnames = Vec::new();
        let mut sum = 0;
        let further = FURTHER_SURNAMES.split_whitespace().map(|s| (s, 4));
        for (surname, weight) in names::SURNAMES.iter().copied().chain(further) {
            sum += weight;
            surnames.push((surname, sum));
        }
        let chars = |lists: [&str; 3]| lists.map(|list| list.chars().collect::<Vec<char>>());
        // Traditional forms go one way only: the first of a pair is what people are called.
        let mut traditional = Others::new(names::VARIANTS);
        let first: Vec<char> =
            names::VARIANTS.split_whitespace().filter_map(|pair| pair.chars().next()).collect();
        traditional.0.retain(|(c, others)| first.contains(c) && others[0] != *c);
        let mut rare = RARE.to_vec();
        rare.sort_unstable();
        Self {
            surnames,
            given: [chars(names::MALE), chars(names::FEMALE)],
            popular: POPULAR.map(|sex| sex.map(|time| time.split_whitespace().collect())),
            generation: names::GENERATION.chars().collect(),
            dotted: names::DOTTED_HEADS
                .into_iter()
                .chain(names::DOTTED_TAILS)
                .chain(LONG_DOTTED.split_whitespace())
                .collect(),
            homophones: Others::new(names::HOMOPHONES),
            look_alikes: Others::new(names::LOOK_ALIKES),
            traditional,
            surname_variants: Others::new(SURNAME_VARIANTS),
            rare,
        }
    }

    pub(super) fn surname(&self, rng: &mut Rng) -> &'static str {
        let sum = self.surnames.last().expect("there are surnames").1;
        let at = rng.below(sum);
        self.surnames[self.surnames.partition_point(|(_, to)| *to <= at)].0
    }

    pub(super) fn generation(&self, rng: &mut Rng) -> char {
        *rng.pick(&self.generation)
    }

    /// What a name with a dot begins or ends with.
    pub(super) fn dotted(&self, rng: &mut Rng) -> &'static str {
        self.dotted[rng.index(self.dotted.len())]
    }

    /// A given name of somebody born in `year`.
    pub(super) fn given(&self, male: bool, year: i16, bound: Given<'_>, rng: &mut Rng) -> String {
        let sex = usize::from(!male);
        let time = usize::from(year > 1965) + usize::from(year > 1989);
        let chars = &self.given[sex][time];
        if matches!(bound, Given::Free) && rng.chance(0.12) {
            let popular = &self.popular[sex][usize::from(year > 1989)];
            return (*frequent_first(popular, rng)).to_owned();
        }
        let draw = |rng: &mut Rng| *frequent_first(chars, rng);
        let rare = |c: char, rng: &mut Rng| {
            if rng.chance(RARE_SHARE) { rng.pick(&self.rare).0 } else { c }
        };
        let last = draw(rng);
        let last = rare(last, rng);
        match bound {
            Given::Generation(shared) => String::from_iter([shared, last]),
            Given::TwinOf(other) => {
                let mut both = other.chars();
                match (both.next(), both.next()) {
                    (Some(first), Some(second)) => {
                        let end = rng.chance(0.3);
                        String::from_iter(if end { [last, second] } else { [first, last] })
                    }
                    _ => last.to_string(),
                }
            }
            Given::Free => {
                let single = if time == 2 { 0.1 } else { 0.25 };
                if rng.chance(single) {
                    last.to_string()
                } else {
                    String::from_iter([draw(rng), last])
                }
            }
        }
    }

    pub(super) fn homophones(&self, c: char) -> Option<&[char]> {
        self.homophones.of(c)
    }

    pub(super) fn look_alikes(&self, c: char) -> Option<&[char]> {
        self.look_alikes.of(c)
    }

    pub(super) fn traditional(&self, c: char) -> Option<char> {
        self.traditional.of(c).map(|others| others[0])
    }

    pub(super) fn surname_variant(&self, c: char) -> Option<char> {
        self.surname_variants.of(c).map(|others| others[0])
    }

    /// The pinyin of a character that not every system has.
    pub(super) fn rare(&self, c: char) -> Option<&'static str> {
        let at = self.rare.binary_search_by_key(&c, |(x, _)| *x).ok()?;
        Some(self.rare[at].1)
    }
}

/// One of `items`, the first ones more often: the first tenth comes a quarter of the time.
fn frequent_first<'a, T>(items: &'a [T], rng: &mut Rng) -> &'a T {
    let u = rng.unit();
    let skewed = u * u.sqrt();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "below the length of a short list"
    )]
    let at = (skewed * items.len() as f64) as usize;
    &items[at.min(items.len() - 1)]
}
