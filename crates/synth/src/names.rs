//! Made names: short weighted lists of our own, and the ways in which a pen goes wrong.

use crate::rng::Rng;

/// A name in six bytes: its text is put together when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// Index into [`SURNAMES`], or [`DOTTED`].
    pub(crate) surname: u8,
    /// First character of the given name, or the index of a head of [`DOTTED_HEADS`].
    first: u16,
    /// Second character, 0 if there is none, or the index of a tail of [`DOTTED_TAILS`].
    second: u16,
}

/// Marks a minority name with a dot.
const DOTTED: u8 = u8::MAX;

/// Surnames and how many in ten thousand bear them, about as in the valleys south of the Qinling.
pub(crate) const SURNAMES: [(&str, u32); 124] = [
    ("王", 720),
    ("李", 690),
    ("张", 650),
    ("刘", 560),
    ("陈", 610),
    ("杨", 330),
    ("赵", 210),
    ("黄", 240),
    ("周", 250),
    ("吴", 210),
    ("徐", 190),
    ("孙", 110),
    ("胡", 150),
    ("朱", 140),
    ("高", 110),
    ("林", 70),
    ("何", 130),
    ("郭", 120),
    ("马", 110),
    ("罗", 120),
    ("梁", 70),
    ("宋", 90),
    ("郑", 90),
    ("谢", 80),
    ("韩", 60),
    ("唐", 80),
    ("冯", 70),
    ("于", 40),
    ("董", 60),
    ("萧", 20),
    ("程", 90),
    ("曹", 70),
    ("袁", 60),
    ("邓", 70),
    ("许", 60),
    ("傅", 30),
    ("沈", 40),
    ("曾", 50),
    ("彭", 60),
    ("吕", 50),
    ("苏", 40),
    ("卢", 50),
    ("蒋", 40),
    ("蔡", 40),
    ("贾", 30),
    ("丁", 40),
    ("魏", 50),
    ("薛", 40),
    ("叶", 40),
    ("阎", 20),
    ("余", 60),
    ("潘", 50),
    ("杜", 40),
    ("戴", 30),
    ("夏", 40),
    ("钟", 30),
    ("汪", 60),
    ("田", 50),
    ("任", 30),
    ("姜", 30),
    ("范", 40),
    ("方", 40),
    ("石", 40),
    ("姚", 40),
    ("谭", 40),
    ("廖", 30),
    ("邹", 40),
    ("熊", 30),
    ("金", 30),
    ("陆", 20),
    ("郝", 20),
    ("孔", 20),
    ("白", 30),
    ("崔", 20),
    ("康", 20),
    ("毛", 30),
    ("邱", 30),
    ("秦", 30),
    ("江", 30),
    ("史", 20),
    ("顾", 10),
    ("侯", 20),
    ("邵", 20),
    ("孟", 20),
    ("龙", 20),
    ("万", 20),
    ("段", 20),
    ("雷", 20),
    ("钱", 20),
    ("汤", 20),
    ("尹", 20),
    ("黎", 20),
    ("易", 20),
    ("常", 10),
    ("武", 20),
    ("乔", 20),
    ("贺", 20),
    ("赖", 10),
    ("龚", 20),
    ("文", 20),
    ("柯", 50),
    ("祝", 30),
    ("阮", 30),
    ("党", 20),
    ("屈", 20),
    ("樊", 20),
    ("霍", 10),
    ("翟", 10),
    ("殷", 10),
    ("童", 20),
    ("洪", 20),
    ("倪", 20),
    ("储", 30),
    ("舒", 20),
    ("章", 30),
    ("成", 20),
    ("齐", 10),
    ("柳", 20),
    ("尚", 10),
    ("鲁", 10),
    ("邢", 10),
    ("向", 10),
    ("欧阳", 8),
    ("司马", 3),
];

/// Given characters by sex and time of birth: to 1965, to 1989, since.
pub(crate) const MALE: [&str; 3] = [
    "国建明德志文学全有福财贵富生根长发林山金银玉宝世正兴忠义仁信礼安平才成万永大春树保清元光华荣昌本良善顺康炳勋耀庆恩培先启章松柏江河新民有余厚让乾坤",
    "军伟勇强涛斌波刚辉鹏杰超亮健磊峰飞龙海江涌东晓小建志文明国平林华新宏洪利立力民俊凯宁兵彬锋栋松柏旭阳凡川岩洲锐钢雷磊钧鸣坚毅卓威骁群滨岗奇",
    "浩宇轩博睿泽梓涵子俊杰豪天佑一辰晨逸然昊宸铭嘉家佳奕诚瑞瀚翔皓煜志远航思承恩毅恒霖启明轶韬鑫洋乐骏熠屹楠澄昱禹骁玮祺懿源柏岳川舟野衡",
];
pub(crate) const FEMALE: [&str; 3] = [
    "秀英兰桂珍玉凤莲芳香梅菊花翠娥淑贞琴爱素清云月霞先改彩荣巧会玲芝银金春慎瑞仙淑竹桃杏巧惠彩风婵",
    "丽娟敏静艳娜萍红燕霞玲芳婷慧莉琴雪梅倩颖洁琳晓小春秋霜蓉荣桂海亚美文华利莹妮蕾薇琼娇媛妙丹青琪璐咏岚珊黎",
    "欣怡梓涵雨诗语嫣可馨佳嘉家雅琪瑶思梦琦婷悦彤紫萱艺一依伊心昕钰玥晨熙若汐菲妍静文瑾晴璇苒沐橙橦芮苗朵凝棠茉柠婕妤媛姝榆楚莞",
];

/// Characters that generations of a family share.
pub(crate) const GENERATION: &str = "德世永克继绍光耀祖宗治朝廷先启承正文学应志立本家邦";

pub(crate) const DOTTED_HEADS: [&str; 20] = [
    "阿依古丽",
    "艾力",
    "买买提",
    "阿米娜",
    "努尔兰",
    "古丽娜",
    "吐尔逊",
    "热依汗",
    "巴哈尔",
    "沙力克",
    "其美",
    "卓玛",
    "扎西",
    "德吉",
    "次仁",
    "格桑",
    "央金",
    "旺堆",
    "阿迪力",
    "木沙",
];
pub(crate) const DOTTED_TAILS: [&str; 16] = [
    "艾山",
    "玉素甫",
    "吾买尔",
    "卡德尔",
    "依明",
    "拉姆",
    "多吉",
    "尼玛",
    "白玛",
    "热合曼",
    "沙比提",
    "阿不拉",
    "桑珠",
    "平措",
    "吐拉",
    "赛买提",
];

/// Groups of characters that sound alike: an ear's slips.
pub(crate) const HOMOPHONES: &str = "张章彰 王汪 李黎利丽莉立力理 刘柳 陈程成诚城承臣辰晨 杨阳羊洋扬 赵照 黄皇 周舟州 吴武 \
    徐许旭 孙荪 胡湖 朱珠祝 高皋 林琳霖麟 何贺河 郭国果 马码 罗萝 梁良 宋颂 郑正政 谢榭 韩寒涵汉 唐堂棠 冯峰锋 \
    余于鱼 董懂 萧肖晓小筱 曹草 袁元原圆源远媛 邓登 傅富付福 沈审 曾增 彭鹏朋 吕旅 苏素 卢芦 蒋江姜 蔡菜 贾佳家嘉 \
    丁定 魏卫伟维玮炜 薛雪学 叶业 阎颜严妍 潘盘 杜度 戴代 夏霞 钟忠中 田甜 任仁 范凡 方芳 石时世 姚瑶尧 谭谈 邹周 \
    金锦今 陆路 郝浩皓昊 孔空 白柏 康抗 毛茂 邱秋 秦勤琴 史诗 顾故 侯厚 孟梦 龙隆 万婉 段端 雷蕾磊 钱前倩 汤烫 \
    建健剑 明铭鸣 德得 志智治致 文雯闻 全泉权 有友佑 财才 贵桂 生升昇 根跟 长常昌 发法 山珊 银寅 玉钰裕宇煜语 宝保 \
    兴星 义艺毅奕轶逸意亿 信欣昕心馨新鑫 礼丽 安庵 平萍苹 永勇泳涌 大达 春椿 树书淑舒 清青卿 光广 华骅花 荣容蓉融 \
    本奔 善尚 顺舜 军俊君骏 强蔷 涛韬滔 斌彬兵宾 波博泊 刚钢 辉晖慧惠会 杰洁捷 超朝 亮量 飞菲霏 海亥 东冬栋 宏洪红弘虹 \
    民敏 凯楷 宁凝 松嵩 轩萱宣 睿瑞锐 泽择则 梓子紫姿 豪毫 天添 一依伊怡 然燃 宸尘 翔祥 航杭 思丝斯 恩蒽 恒衡 启琪琦其奇 \
    乐月悦玥岳 秀绣 英莺瑛颖莹 兰岚 珍贞真 凤奉 莲连 香湘 梅玫 菊举 翠粹 娥鹅 爱艾 云芸 先仙 改盖 彩采 巧俏 玲灵铃 芝枝 \
    娟鹃 静靖敬婧瑾 艳燕雁 娜纳 婷廷亭 琳淋 霜双 亚雅娅 美镁 妮尼 雨羽 嫣烟 可珂 熙希曦西 若偌 汐夕 晴情 彤童桐 \
    江疆 启起 旺望 应映 光洸 祖组 宗综 朝潮 继纪 绍邵 耀曜 邦帮 \
    炳丙秉 勋熏 庆罄 培陪 章璋 让瓤 乾虔 坤昆 凡帆 川传 岩延炎 洲洲舟 钧均君 鸣茗 坚间 卓拙 骁霄 群裙 滨缤 岗冈 屹亦 楠南男 \
    澄呈 昱煜郁 禹羽 懿翼 源沅 舟州 野冶 衡横 慎渗 竹筑 桃逃 杏幸 彩采 风丰 婵蝉 蕾磊 薇微 琼穷 娇骄 妙庙 丹单 青卿 璐露 咏泳 \
    珊杉 璇旋 苒冉 沐木 橙承 芮锐 苗渺 朵躲 凝宁 棠堂 茉莫 柠宁 婕捷 妤余 姝舒 榆瑜 楚础 莞婉";

/// Pairs that look alike: an eye's slips.
pub(crate) const LOOK_ALIKES: &str = "王玉 李季 张弘 刘列 陈阵 杨扬 周同 吴昊 孙孔 朱末 高亭 林材 何向 郭敦 马乌 宋宗 唐康 冯马 于干 \
    曹遭 许午 吕侣 卢户 丁了 叶吐 余佘 汪汗 田由 任住 方万 石右 邹郐 金全 白自 毛手 江汇 史吏 侯候 龙尤 万方 \
    建健 明朋 德徳 志忘 文丈 学字 有友 财材 贵责 生主 根恨 长卡 山出 玉王 宝室 世也 忠忘 义叉 仁化 信倍 安女 平乎 才寸 \
    永水 大太 春舂 树材 保堡 清情 元无 光先 华毕 本木 良艮 善喜 顺须 军车 伟炜 勇男 强疆 波破 辉晖 杰木 超赵 亮壳 飞气 \
    海梅 东车 晓骁 小少 民氏 俊竣 宁宇 兵乒 锋峰 栋拣 松柏 旭旮 浩洁 轩轻 博搏 睿容 泽择 梓样 涵函 子孑 天夭 佑估 辰晨 \
    逸免 昊吴 宸晨 佳住 瑞端 翔祥 皓浩 远运 航舫 思恩 毅殷 恒桓 启后 洋详 秀季 英茵 兰三 桂挂 珍诊 莲连 芳劳 香杳 梅悔 \
    菊掬 花化 淑叔 贞页 琴瑟 爱受 素索 云去 月用 霞霰 玲铃 丽两 娟捐 敏繁 静净 娜哪 萍苹 红虹 婷停 慧彗 莉利 雪雷 倩情 \
    颖颍 洁浩 欣欢 怡恰 雨两 诗待 可司 馨罄 雅稚 琪棋 瑶摇 梦焚 悦悗 彤形 紫柴 萱宣 晴睛 妍研 若苦 菲韭 熙照";

/// Simplified and traditional or variant forms.
pub(crate) const VARIANTS: &str = "张張 刘劉 陈陳 杨楊 赵趙 黄黃 吴吳 孙孫 马馬 罗羅 郑鄭 谢謝 韩韓 冯馮 萧蕭 邓鄧 许許 吕呂 苏蘇 卢盧 \
    蒋蔣 贾賈 叶葉 阎閻 戴戴 钟鍾 姜薑 范範 谭譚 邹鄒 陆陸 龙龍 万萬 钱錢 汤湯 贺賀 赖賴 龚龔 党黨 储儲 齐齊 鲁魯 顾顧 \
    国國 学學 财財 贵貴 长長 发發 银銀 宝寶 兴興 义義 礼禮 树樹 华華 荣榮 顺順 军軍 伟偉 强強 涛濤 刚剛 辉輝 鹏鵬 杰傑 \
    锋鋒 飞飛 东東 晓曉 凯凱 宁寧 栋棟 阳陽 轩軒 泽澤 铭銘 诚誠 启啟 韬韜 乐樂 骏駿 兰蘭 凤鳳 莲蓮 爱愛 云雲 会會 丽麗 \
    娟娟 静靜 艳豔 红紅 颖穎 洁潔 莹瑩 诗詩 语語 梦夢 悦悅 艺藝 钰鈺 继繼 绍紹 应應 峰峯 群羣 远遠 毅毅 恒恆 鑫鑫";

/// The two or more characters that stand together in a group of `table` with `c`, without `c` itself.
fn companions(table: &'static str, c: char) -> Option<Vec<char>> {
    table
        .split_whitespace()
        .find(|group| group.contains(c))
        .map(|group| group.chars().filter(|x| *x != c).collect::<Vec<_>>())
        .filter(|others| !others.is_empty())
}

fn char_code(c: char) -> u16 {
    u16::try_from(u32::from(c)).expect("our lists hold characters of the basic plane")
}

fn draw(chars: &str, rng: &mut Rng) -> char {
    chars.chars().nth(rng.index(chars.chars().count())).expect("below the count")
}

impl Name {
    /// A surname.
    pub(crate) fn surname(rng: &mut Rng) -> u8 {
        let mut at = rng.below(SURNAMES.iter().map(|(_, w)| w).sum());
        for (i, (_, weight)) in SURNAMES.iter().enumerate() {
            if at < *weight {
                return u8::try_from(i).expect("fewer than 255 surnames");
            }
            at -= weight;
        }
        0
    }

    /// A name for somebody born in `year`; `generation` is the character that brothers and sisters may share.
    pub(crate) fn given(
        surname: u8,
        male: bool,
        year: i16,
        generation: Option<char>,
        rng: &mut Rng,
    ) -> Self {
        let time = usize::from(year > 1965) + usize::from(year > 1989);
        let chars = if male { MALE[time] } else { FEMALE[time] };
        let (first, second) = if let Some(shared) = generation {
            (shared, Some(draw(chars, rng)))
        } else {
            let first = draw(chars, rng);
            let single = if time == 2 { 0.08 } else { 0.22 };
            (first, (!rng.chance(single)).then(|| draw(chars, rng)))
        };
        Self { surname, first: char_code(first), second: second.map_or(0, char_code) }
    }

    /// The character that a family gives to a generation.
    pub(crate) fn generation(rng: &mut Rng) -> char {
        draw(GENERATION, rng)
    }

    /// A twin's name: one character other than the brother's or sister's.
    pub(crate) fn twin(self, male: bool, year: i16, rng: &mut Rng) -> Self {
        for _ in 0..20 {
            let other = Self::given(self.surname, male, year, None, rng);
            let twin = if self.second == 0 {
                Self { second: 0, ..other }
            } else {
                Self { first: self.first, ..other }
            };
            if twin != self && (self.second == 0 || twin.second != 0) {
                return twin;
            }
        }
        Self::given(self.surname, male, year, None, rng)
    }

    /// A minority name with a dot.
    pub(crate) fn dotted(rng: &mut Rng) -> Self {
        let index = |n: usize, rng: &mut Rng| u16::try_from(rng.index(n)).expect("short lists");
        Self {
            surname: DOTTED,
            first: index(DOTTED_HEADS.len(), rng),
            second: index(DOTTED_TAILS.len(), rng),
        }
    }

    /// Whether the name has a dot in it.
    pub(crate) fn is_dotted(self) -> bool {
        self.surname == DOTTED
    }

    /// Adds the name to `out`.
    pub(crate) fn write(self, out: &mut String) {
        if self.is_dotted() {
            out.push_str(DOTTED_HEADS[usize::from(self.first)]);
            out.push('·');
            out.push_str(DOTTED_TAILS[usize::from(self.second)]);
            return;
        }
        out.push_str(SURNAMES[usize::from(self.surname)].0);
        for code in [self.first, self.second] {
            if code != 0 {
                out.push(char::from_u32(u32::from(code)).expect("made from a character"));
            }
        }
    }

    /// The name.
    pub(crate) fn text(self) -> String {
        let mut out = String::with_capacity(12);
        self.write(&mut out);
        out
    }
}

/// A slip of the pen in a name that leaves it recognisable: one character at most is another one.
pub(crate) fn slip(name: &str, rng: &mut Rng) -> String {
    if name.contains('·') {
        let dot = *rng.pick(&["•", ".", "．", "", " "]);
        return name.replace('·', dot);
    }
    let chars: Vec<char> = name.chars().collect();
    let swap = |at: usize, c: char| {
        let mut chars = chars.clone();
        chars[at] = c;
        chars.into_iter().collect::<String>()
    };
    // Of a two-character name only the given character slips; else hardly anything would be left of it.
    let from = usize::from(chars.len() < 3);
    for _ in 0..6 {
        let at = if rng.chance(0.85) { 1 + rng.index(chars.len() - 1) } else { from };
        let table = rng.weighted(&[
            (Some(HOMOPHONES), 50),
            (Some(VARIANTS), 22),
            (Some(LOOK_ALIKES), 18),
            (None, 10),
        ]);
        match table {
            None => {
                let mut spaced = String::with_capacity(name.len() + 3);
                for (i, c) in chars.iter().enumerate() {
                    if i == 1 {
                        spaced.push_str(if rng.chance(0.5) { " " } else { "　" });
                    }
                    spaced.push(*c);
                }
                return spaced;
            }
            Some(table) => {
                if let Some(others) = companions(table, chars[at]) {
                    return swap(at, *rng.pick(&others));
                }
            }
        }
    }
    format!("{name} ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_of_some_size_and_of_the_basic_plane() {
        let mut all: Vec<char> = MALE.iter().chain(&FEMALE).flat_map(|s| s.chars()).collect();
        all.sort_unstable();
        all.dedup();
        assert!(all.len() >= 240, "{}", all.len());
        assert!(all.iter().all(|c| u32::from(*c) < 0x1_0000));
        let silent = all
            .iter()
            .filter(|c| {
                [HOMOPHONES, LOOK_ALIKES, VARIANTS].iter().all(|t| companions(t, **c).is_none())
            })
            .count();
        assert!(silent < 30, "{silent} characters never slip");
    }

    #[test]
    fn a_slip_changes_one_character_at_most() {
        let mut rng = Rng::new(3, "slips");
        for _ in 0..2_000 {
            let surname = Name::surname(&mut rng);
            let name = Name::given(surname, rng.chance(0.5), 2012, None, &mut rng).text();
            let slipped = slip(&name, &mut rng);
            assert_ne!(name, slipped);
            let bare: Vec<char> = slipped.chars().filter(|c| !c.is_whitespace()).collect();
            let differing = name.chars().zip(&bare).filter(|(a, b)| a != *b).count();
            assert!(bare.len() == name.chars().count() && differing <= 1, "{name} {slipped}");
        }
        assert!(
            ["阿米娜•依明", "阿米娜.依明", "阿米娜．依明", "阿米娜依明", "阿米娜 依明"]
                .contains(&slip("阿米娜·依明", &mut rng).as_str())
        );
    }
}
