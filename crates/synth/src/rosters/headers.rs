//! What offices call the columns that many rosters have.

pub(super) const NAME: &[&str] = &["姓名", "姓 名"];
pub(super) const PUPIL: &[&str] = &["姓名", "学生姓名", "学生", "受助学生姓名"];
pub(crate) const ID: &[&str] = &[
    "身份证号",
    "身份证号码",
    "公民身份号码",
    "身份证件号",
    "证件号码",
    "身份证件号码",
    "18位身份证号",
    "身份证",
];
pub(super) const STUDENT_NO: &[&str] = &["学籍号", "全国学籍号", "学生学籍号", "学籍号码"];
pub(super) const SEX: &[&str] = &["性别"];
pub(super) const BORN: &[&str] = &["出生日期", "出生年月日", "出生年月", "生日"];
pub(super) const TOWN: &[&str] = &["乡镇", "乡(镇)", "镇（街道）", "所在乡镇", "乡镇（街道）"];
pub(super) const VILLAGE: &[&str] = &["村", "行政村", "村（居委）", "村名", "所在村", "村居"];
pub(super) const PHONE: &[&str] =
    &["联系电话", "电话", "手机号码", "手机号", "联系方式", "电话号码"];
pub(super) const GUARDIAN: &[&str] =
    &["监护人姓名", "家长姓名", "监护人", "家长/监护人姓名", "家长（或监护人）姓名"];
pub(super) const GUARDIAN_PHONE: &[&str] =
    &["监护人电话", "家长电话", "监护人联系电话", "家长联系电话", "监护人手机"];
pub(crate) const SCHOOL: &[&str] = &["学校", "学校名称", "就读学校", "学校全称", "所在学校"];
pub(crate) const GRADE: &[&str] = &["年级", "就读年级", "年级名称", "当前年级"];
pub(crate) const CLASS: &[&str] = &["班级", "所在班级", "班", "班级名称"];
pub(super) const ACCOUNT: &[&str] = &["银行账号", "银行卡号", "卡号", "账号", "社保卡号"];
pub(super) const KIND: &[&str] = &["救助类别", "救助类型", "保障类别", "困难类别", "对象类别"];
pub(super) const FROM: &[&str] =
    &["享受起始", "享受起始日期", "起始日期", "开始享受时间", "纳入时间", "批准时间"];
pub(super) const TO: &[&str] = &["享受截止", "享受截止日期", "截止日期", "停发时间", "退出时间"];
pub(super) const TERM: &[&str] = &["学期", "资助学期", "所属学期"];
pub(super) const AMOUNT: &[&str] =
    &["金额", "发放金额", "资助金额", "补助金额", "发放金额（元）", "资助金额(元)"];
pub(super) const PAID_ON: &[&str] = &["发放日期", "发放时间", "到账日期", "打卡日期"];
