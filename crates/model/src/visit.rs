//! What people tick when they write down a visit, a contact or an attendance.

use crate::code_table;

code_table! {
    /// 怎么联系. The Chinese term is what rosters of contacts call it.
    ContactHow {
        /// 入户
        Home = "home", "家访", "入户";
        /// 电话
        Phone = "phone", "电话";
        /// 到校谈话
        School = "school", "谈心", "到校";
        /// 课业辅导
        Tutoring = "tutoring", "课业辅导";
        /// 家校见面: guardians and school meet about the child
        Meeting = "meeting", "家校见面", "家长会";
        /// 城乡学生交流: the child with pupils of a town, or of a village
        Exchange = "exchange", "城乡交流", "手拉手";
        /// 生活帮助: washing, cooking, a way to the doctor
        LifeHelp = "life_help", "生活帮助", "生活照料";
        /// 送物: goods alone, which are no contact
        Goods = "goods", "送物", "送学习用品";
        /// 心理谈话: a care record
        Care = "care", "心理谈话";
    }
}

impl ContactHow {
    /// 只是物质帮助: what was brought or done for the child, and nobody talked with it. Feelings are not goods.
    pub const fn is_material(self) -> bool {
        matches!(self, Self::LifeHelp | Self::Goods)
    }
}

code_table! {
    /// 孩子现在
    ChildNow {
        /// 在校
        InSchool = "in_school", "在校";
        /// 请假
        Leave = "leave", "请假";
        /// 没在校
        Out = "out", "没在校";
    }
}

code_table! {
    /// 为什么没到校
    WhyAway {
        /// 生病
        Ill = "ill", "生病";
        /// 路远
        Far = "far", "路远";
        /// 家里缺劳力
        Work = "work", "家里缺劳力";
        /// 不想上学
        Unwilling = "unwilling", "不想上学";
        /// 跟父母外出
        Away = "away", "跟父母外出";
        /// 其他
        Other = "other", "其他";
    }
}

code_table! {
    /// 点名: a child who is not marked is not marked, neither present nor absent.
    Mark {
        /// 到校
        Present = "present", "到校";
        /// 病假
        Ill = "ill", "病假";
        /// 事假
        Leave = "leave", "事假";
        /// 旷课
        Truant = "truant", "旷课";
    }
}
