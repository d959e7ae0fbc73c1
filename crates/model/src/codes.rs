//! Code tables of the field. Each entry has a stable English code (stored, exported), the standard Chinese term, and the
//! ways in which rosters write it.

/// Makes an enum of a closed table: `ALL`, `code`, `chinese`, and `parse`, which reads the code, the Chinese term, and after them the
/// ways in which rosters write it.
#[macro_export]
macro_rules! code_table {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal, $chinese:literal $(, $alias:literal)*;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// Every entry, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code, as stored and exported.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The standard Chinese term.
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese,)* }
            }

            /// Reads the code, the Chinese term or a roster's way of writing it; `None` if it is in no table.
            pub fn parse(text: &str) -> Option<Self> {
                match text.trim() {
                    $($code | $chinese $(| $alias)* => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}
code_table! {
    /// 性别 (GB/T 2261.1).
    Sex {
        /// 男
        Male = "m", "男", "1", "01", "男性";
        /// 女
        Female = "f", "女", "2", "02", "女性", "0";
    }
}

code_table! {
    /// 学段.
    Stage {
        /// 学前
        Preschool = "preschool", "学前", "幼儿园", "学前教育", "11100";
        /// 小学
        Primary = "primary", "小学", "普通小学", "21100";
        /// 初中
        Junior = "junior", "初中", "普通初中", "初级中学", "31100";
        /// 普通高中
        Senior = "senior", "普高", "高中", "普通高中", "32100";
        /// 中等职业教育
        Vocational = "vocational", "中职", "职高", "中专", "技校", "中等职业学校", "33110";
        /// 高等教育
        Higher = "higher", "高校", "大学", "大专", "本科", "高职", "大专或本科", "大专高职";
    }
}

impl Stage {
    /// Compulsory education (义务教育).
    pub fn is_compulsory(self) -> bool {
        matches!(self, Self::Primary | Self::Junior)
    }
}

code_table! {
    /// 年级: stage letter and year.
    Grade {
        /// 小班
        K1 = "K1", "小班", "幼儿园小班", "幼小班", "托班";
        /// 中班
        K2 = "K2", "中班", "幼儿园中班";
        /// 大班
        K3 = "K3", "大班", "幼儿园大班", "学前班";
        /// 一年级
        P1 = "P1", "一年级", "小学一年级", "1年级", "一";
        /// 二年级
        P2 = "P2", "二年级", "小学二年级", "2年级", "二";
        /// 三年级
        P3 = "P3", "三年级", "小学三年级", "3年级", "三";
        /// 四年级
        P4 = "P4", "四年级", "小学四年级", "4年级", "四";
        /// 五年级
        P5 = "P5", "五年级", "小学五年级", "5年级", "五";
        /// 六年级
        P6 = "P6", "六年级", "小学六年级", "6年级", "六";
        /// 七年级
        J1 = "J1", "七年级", "初一", "初中一年级", "7年级", "七";
        /// 八年级
        J2 = "J2", "八年级", "初二", "初中二年级", "8年级", "八";
        /// 九年级
        J3 = "J3", "九年级", "初三", "初中三年级", "9年级", "九";
        /// 高一
        S1 = "S1", "高一", "高中一年级", "普高一年级", "高一年级";
        /// 高二
        S2 = "S2", "高二", "高中二年级", "普高二年级", "高二年级";
        /// 高三
        S3 = "S3", "高三", "高中三年级", "普高三年级", "高三年级";
        /// 中职一年级
        V1 = "V1", "中职一年级", "中职一", "职高一年级", "职一";
        /// 中职二年级
        V2 = "V2", "中职二年级", "中职二", "职高二年级", "职二";
        /// 中职三年级
        V3 = "V3", "中职三年级", "中职三", "职高三年级", "职三";
        /// 大一
        U1 = "U1", "大一", "大学一年级", "本科一年级", "大专一年级";
        /// 大二
        U2 = "U2", "大二", "大学二年级", "本科二年级", "大专二年级";
        /// 大三
        U3 = "U3", "大三", "大学三年级", "本科三年级", "大专三年级";
        /// 大四
        U4 = "U4", "大四", "大学四年级", "本科四年级";
        /// 大五
        U5 = "U5", "大五", "大学五年级", "本科五年级";
    }
}

impl Grade {
    /// The stage.
    pub fn stage(self) -> Stage {
        match self.code().as_bytes()[0] {
            b'K' => Stage::Preschool,
            b'P' => Stage::Primary,
            b'J' => Stage::Junior,
            b'S' => Stage::Senior,
            b'V' => Stage::Vocational,
            _ => Stage::Higher,
        }
    }

    /// The year within the stage, from 1.
    pub fn year(self) -> u8 {
        self.code().as_bytes()[1] - b'0'
    }

    /// The grade of a stage and a year from 1, if there is one.
    pub fn of(stage: Stage, year: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|g| g.stage() == stage && g.year() == year)
    }
}

code_table! {
    /// 就读方式.
    Boarding {
        /// 走读
        Day = "day", "走读", "1", "否", "不住校", "非寄宿", "非寄宿生", "走读生";
        /// 住校
        Boards = "boards", "住校", "2", "是", "寄宿", "寄宿生", "住宿", "住校生";
        /// 送教上门
        HomeTaught = "home_taught", "送教上门", "送教", "3";
    }
}

code_table! {
    /// 学籍状态.
    EnrolmentStatus {
        /// 在籍在读
        Active = "active", "在读", "在籍", "在校", "在籍在校", "正常";
        /// 休学
        Suspended = "suspended", "休学";
        /// 转出
        TransferredOut = "transferred_out", "转出", "转学", "转学(转出)", "已转出";
        /// 辍学
        DroppedOut = "dropped_out", "辍学", "疑似辍学", "失学";
        /// 毕业
        Graduated = "graduated", "毕业", "结业", "肄业";
        /// 死亡
        Dead = "dead", "死亡";
    }
}

code_table! {
    /// 户类型: an ordinary household, a lifted one (脱贫户) or one of the three kinds of 防返贫监测对象.
    HouseholdKind {
        /// 一般农户
        Ordinary = "ordinary", "一般农户", "一般户", "非贫困户", "否";
        /// 脱贫户 (原建档立卡)
        Lifted = "lifted_household", "脱贫户", "建档立卡户", "建档立卡贫困户", "建档立卡脱贫户", "一般脱贫户", "是";
        /// 脱贫不稳定户
        UnstableLifted = "unstable_lifted", "脱贫不稳定户", "脱贫不稳定";
        /// 边缘易致贫户
        AtRiskMarginal = "at_risk_marginal", "边缘易致贫户", "边缘户", "边缘易致贫";
        /// 突发严重困难户
        SuddenHardship = "sudden_hardship", "突发严重困难户", "突发严重困难";
    }
}

impl HouseholdKind {
    /// Lifted, or lifted and unstable: once registered poor (原建档立卡).
    pub fn once_registered(self) -> bool {
        matches!(self, Self::Lifted | Self::UnstableLifted)
    }

    /// One of the three kinds of 监测对象.
    pub fn is_monitored(self) -> bool {
        matches!(self, Self::UnstableLifted | Self::AtRiskMarginal | Self::SuddenHardship)
    }
}

code_table! {
    /// 救助类别, certified by 民政.
    AssistanceKind {
        /// 农村最低生活保障
        DibaoRural = "dibao_rural", "农村低保", "农村最低生活保障", "低保(农村)";
        /// 城市最低生活保障
        DibaoUrban = "dibao_urban", "城市低保", "城镇低保", "城市最低生活保障", "低保(城市)";
        /// 农村特困人员
        ExtremeRural = "extreme_poverty_rural", "农村特困", "农村特困供养", "农村五保", "特困(农村)";
        /// 城市特困人员
        ExtremeUrban = "extreme_poverty_urban", "城市特困", "城镇特困供养", "城市特困供养", "特困(城市)";
        /// 低保边缘家庭
        DibaoEdge = "dibao_edge", "低保边缘", "低保边缘家庭";
        /// 刚性支出困难家庭
        RigidExpense = "rigid_expense", "刚性支出困难", "支出型困难", "刚性支出困难家庭", "支出型困难家庭";
        /// 孤儿
        Orphan = "orphan", "孤儿", "社会散居孤儿", "散居孤儿";
        /// 事实无人抚养儿童
        DefactoOrphan = "defacto_orphan", "事实无人抚养儿童", "事实无人抚养";
        /// 困境儿童 (国发〔2016〕36号), neither of the two above
        InDifficulty = "in_difficulty", "困境儿童", "其他困境儿童", "重点困境儿童";
    }
}

code_table! {
    /// 留守类型 as the statistics of education count it: a pupil with a parent away for three months and more, one is enough. It is
    /// not the list of civil affairs, and the two are never added up.
    LeftBehindKind {
        /// 非留守
        No = "no", "非留守儿童", "非留守", "否", "不是", "0";
        /// 父母一方外出
        One = "one", "单亲留守儿童", "单亲留守", "父母一方外出", "一方外出", "1";
        /// 父母双方外出
        Both = "both", "双亲留守儿童", "双亲留守", "父母双方外出", "双方外出", "2";
        /// 留守, not told which
        Yes = "yes", "留守儿童", "留守", "是";
    }
}

impl HouseholdKind {
    /// The office that certifies it; none for an ordinary household.
    pub const fn certified_by(self) -> Option<&'static str> {
        match self {
            Self::Ordinary => None,
            _ => Some("农业农村（乡村振兴）"),
        }
    }
}

impl AssistanceKind {
    /// The office that certifies it.
    pub const fn certified_by(self) -> &'static str {
        "民政"
    }
}

code_table! {
    /// 合法不在校的事由: lawful grounds for a school-age child to be in no class here.
    ExemptionKind {
        /// 延缓入学
        Deferred = "deferred_entry", "延缓入学", "缓学", "推迟入学";
        /// 休学
        Suspended = "suspension", "休学";
        /// 送教上门
        HomeTeaching = "home_teaching", "送教上门", "送教";
        /// 县外就读
        SchooledElsewhere = "schooled_elsewhere", "县外就读", "外地就读", "转出县外", "随迁就读";
        /// 特教机构
        SpecialSchool = "special_school", "特教学校", "特殊教育学校", "特教机构";
        /// 专门学校
        SpecialisedSchool = "specialised_school", "专门学校";
        /// 丧失学习能力
        Unable = "medically_unable", "丧失学习能力", "重残无法就学";
        /// 出境
        Abroad = "abroad", "出境", "出国";
        /// 死亡
        Dead = "dead", "死亡";
    }
}

code_table! {
    /// 与户主关系.
    Relation {
        /// 户主
        Head = "head", "户主", "01", "本人", "户主本人";
        /// 配偶
        Spouse = "spouse", "配偶", "02", "妻", "夫", "妻子", "丈夫";
        /// 子
        Son = "son", "子", "长子", "次子", "三子", "儿子", "独生子", "之子";
        /// 女
        Daughter = "daughter", "女", "长女", "次女", "三女", "女儿", "独生女", "之女";
        /// 子女的配偶
        ChildInLaw = "child_in_law", "媳", "婿", "儿媳", "女婿", "之儿媳", "之女婿";
        /// 孙子女, 外孙子女
        Grandchild = "grandchild", "孙子女", "孙子", "孙女", "外孙", "外孙子", "外孙女", "之孙子", "之孙女", "孙";
        /// 父母
        Parent = "parent", "父母", "父亲", "母亲", "父", "母", "之父", "之母", "岳父", "岳母", "公公", "婆婆";
        /// 祖父母, 外祖父母
        Grandparent = "grandparent", "祖父母", "祖父", "祖母", "爷爷", "奶奶", "外祖父", "外祖母";
        /// 兄弟姐妹
        Sibling = "sibling", "兄弟姐妹", "兄", "弟", "姐", "妹", "哥哥", "弟弟", "姐姐", "妹妹", "之兄弟姐妹";
        /// 其他
        Other = "other", "其他", "其他亲属", "非亲属", "其他关系";
    }
}

code_table! {
    /// 民族 (GB/T 3304), by the standard's two digits; 97 and 98 as its users add them.
    Ethnicity {
        /// 汉族
        Han = "01", "汉族", "汉";
        /// 蒙古族
        Mongol = "02", "蒙古族", "蒙古";
        /// 回族
        Hui = "03", "回族", "回";
        /// 藏族
        Zang = "04", "藏族", "藏";
        /// 维吾尔族
        Uygur = "05", "维吾尔族", "维吾尔";
        /// 苗族
        Miao = "06", "苗族", "苗";
        /// 彝族
        Yi = "07", "彝族", "彝";
        /// 壮族
        Zhuang = "08", "壮族", "壮";
        /// 布依族
        Buyei = "09", "布依族", "布依";
        /// 朝鲜族
        Chosen = "10", "朝鲜族", "朝鲜";
        /// 满族
        Man = "11", "满族", "满";
        /// 侗族
        Dong = "12", "侗族", "侗";
        /// 瑶族
        Yao = "13", "瑶族", "瑶";
        /// 白族
        Bai = "14", "白族", "白";
        /// 土家族
        Tujia = "15", "土家族", "土家";
        /// 哈尼族
        Hani = "16", "哈尼族", "哈尼";
        /// 哈萨克族
        Kazak = "17", "哈萨克族", "哈萨克";
        /// 傣族
        Dai = "18", "傣族", "傣";
        /// 黎族
        Li = "19", "黎族", "黎";
        /// 傈僳族
        Lisu = "20", "傈僳族", "傈僳";
        /// 佤族
        Va = "21", "佤族", "佤";
        /// 畲族
        She = "22", "畲族", "畲";
        /// 高山族
        Gaoshan = "23", "高山族", "高山";
        /// 拉祜族
        Lahu = "24", "拉祜族", "拉祜";
        /// 水族
        Sui = "25", "水族", "水";
        /// 东乡族
        Dongxiang = "26", "东乡族", "东乡";
        /// 纳西族
        Naxi = "27", "纳西族", "纳西";
        /// 景颇族
        Jingpo = "28", "景颇族", "景颇";
        /// 柯尔克孜族
        Kirgiz = "29", "柯尔克孜族", "柯尔克孜";
        /// 土族
        Tu = "30", "土族", "土";
        /// 达斡尔族
        Daur = "31", "达斡尔族", "达斡尔";
        /// 仫佬族
        Mulao = "32", "仫佬族", "仫佬";
        /// 羌族
        Qiang = "33", "羌族", "羌";
        /// 布朗族
        Blang = "34", "布朗族", "布朗";
        /// 撒拉族
        Salar = "35", "撒拉族", "撒拉";
        /// 毛南族
        Maonan = "36", "毛南族", "毛南";
        /// 仡佬族
        Gelao = "37", "仡佬族", "仡佬";
        /// 锡伯族
        Xibe = "38", "锡伯族", "锡伯";
        /// 阿昌族
        Achang = "39", "阿昌族", "阿昌";
        /// 普米族
        Pumi = "40", "普米族", "普米";
        /// 塔吉克族
        Tajik = "41", "塔吉克族", "塔吉克";
        /// 怒族
        Nu = "42", "怒族", "怒";
        /// 乌孜别克族
        Uzbek = "43", "乌孜别克族", "乌孜别克";
        /// 俄罗斯族
        Russ = "44", "俄罗斯族", "俄罗斯";
        /// 鄂温克族
        Ewenki = "45", "鄂温克族", "鄂温克";
        /// 德昂族
        Deang = "46", "德昂族", "德昂";
        /// 保安族
        Bonan = "47", "保安族", "保安";
        /// 裕固族
        Yugur = "48", "裕固族", "裕固";
        /// 京族
        Gin = "49", "京族", "京";
        /// 塔塔尔族
        Tatar = "50", "塔塔尔族", "塔塔尔";
        /// 独龙族
        Derung = "51", "独龙族", "独龙";
        /// 鄂伦春族
        Oroqen = "52", "鄂伦春族", "鄂伦春";
        /// 赫哲族
        Hezhen = "53", "赫哲族", "赫哲";
        /// 门巴族
        Monba = "54", "门巴族", "门巴";
        /// 珞巴族
        Lhoba = "55", "珞巴族", "珞巴";
        /// 基诺族
        Jino = "56", "基诺族", "基诺";
        /// 其他
        Other = "97", "其他", "其他族";
        /// 外国血统中国籍人士
        Foreign = "98", "外国血统中国籍人士", "入籍";
    }
}

code_table! {
    /// 户籍人员状态.
    Residence {
        /// 在册
        Present = "present", "在册", "正常", "常住", "有效";
        /// 迁出
        MovedOut = "moved_out", "迁出", "已迁出", "迁往县外", "户口迁出";
        /// 死亡注销
        Dead = "dead", "死亡", "死亡注销", "注销";
    }
}

code_table! {
    /// 劳动能力 (全国扶贫开发信息系统).
    LabourAbility {
        /// 普通劳动力
        Normal = "normal", "普通劳动力", "普通", "01", "有劳动力", "劳动力";
        /// 技能劳动力
        Skilled = "skilled", "技能劳动力", "技能", "02";
        /// 弱劳动力或半劳动力
        Weak = "weak", "弱劳动力或半劳动力", "弱劳动力", "半劳动力", "弱(半)劳动力", "05";
        /// 丧失劳动力
        Lost = "lost", "丧失劳动力", "03";
        /// 无劳动力
        None = "none", "无劳动力", "04";
    }
}

code_table! {
    /// 资助形式: how a duty of aid is discharged.
    AidForm {
        /// 发到卡上
        Money = "money", "发放到卡", "现金", "打卡发放";
        /// 实物
        InKind = "in_kind", "实物", "餐食";
        /// 学校减免
        Waiver = "waiver", "学校减免", "减免";
        /// 拨付给学校或幼儿园
        Refund = "refund", "拨付学校";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_table_writes_it_reads() {
        for g in Grade::ALL {
            assert_eq!((Grade::parse(g.code()), Grade::parse(g.chinese())), (Some(*g), Some(*g)));
            assert_eq!(Grade::of(g.stage(), g.year()), Some(*g));
        }
        for k in HouseholdKind::ALL {
            assert_eq!(HouseholdKind::parse(k.chinese()), Some(*k));
        }
        assert_eq!(Grade::parse("初二"), Some(Grade::J2));
        assert_eq!(Relation::parse("长子"), Some(Relation::Son));
        assert_eq!(Stage::parse("私塾"), None);
        assert_eq!(
            (Ethnicity::parse("土家"), Ethnicity::parse("15")),
            (Some(Ethnicity::Tujia), Some(Ethnicity::Tujia))
        );
        assert_eq!(Ethnicity::ALL.len(), 58);
        let certifiers =
            [HouseholdKind::Ordinary, HouseholdKind::Lifted].map(HouseholdKind::certified_by);
        assert_eq!(certifiers, [None, Some("农业农村（乡村振兴）")]);
        assert_eq!(AssistanceKind::Orphan.certified_by(), "民政");
    }
}
