//! What people tick when they write down a visit, a contact or an attendance.

use crate::codes::code_table;

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
        /// 心理谈话: a care record
        Care = "care", "心理谈话";
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
