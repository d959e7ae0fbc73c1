//! What headers mean: the words that rosters use for each field, and what people have confirmed.

use std::collections::BTreeMap;

use fujiao_model::{Field, RosterKind};

use crate::text::{self, Header};

/// Words by field. A word may stand for several fields: what the sheet lists decides among them, then the order here.
/// Written without brackets, spaces and numbering, in small letters.
const WORDS: &str = "
name 姓名 学生姓名 学生 名字 学生名 学员姓名 学员 幼儿姓名 儿童姓名 儿童 贫困户姓名 人员姓名 劳动力姓名 借款人姓名 借款学生姓名 借款学生 借款人 贷款学生姓名 教师姓名 教职工姓名 残疾人姓名 受助学生姓名 受助人 受助学生 本人姓名 家庭成员姓名 家庭成员 成员姓名 培训人员姓名 缺勤学生 应接受义务教育未接受适龄儿童少年姓名 保障对象姓名 救助对象姓名 对象姓名 帮扶学生 帮扶学生姓名 被帮扶学生姓名 结对学生 结对学生姓名 结对学生名称 受益学生姓名 就餐学生姓名 参训人员姓名 参训学员 参训学员姓名 就业人员姓名 务工人员姓名 持证人姓名 持证人 被监护人姓名 居民姓名 人口姓名 贫困学生姓名 贫困人口姓名 脱贫人口姓名 资助对象姓名 资助对象 享受对象姓名 收款学生姓名 领款学生姓名 学生真实姓名 中文姓名 姓名全称 留守儿童姓名 农村留守儿童姓名 孤儿姓名 困境儿童姓名 残疾儿童姓名 事实无人抚养儿童姓名 低保对象姓名 低保人员姓名 特困人员姓名 特困对象姓名 培训学员姓名 受训人员姓名 学员名称 求职人员姓名 送教学生姓名 休学学生姓名 缓学儿童姓名 适龄儿童姓名 辍学学生姓名 失学儿童姓名
citizen_id 身份证号 身份证号码 身份证 身份证件号码 身份证件号 公民身份号码 公民身份证号码 公民身份证号 公民身份证 证件号码 18位身份证号 18位身份证号码 身份证明号码 证件号 居民身份证号 居民身份证号码 居民身份证 学生身份证号 学生身份证号码 学生身份证件号 学生身份证件号码 学生身份证 本人身份证号 本人身份证号码 幼儿身份证号 幼儿身份证件号码 儿童身份证号 儿童身份证号码 身份号码 二代身份证号 二代身份证号码 公民身份号 身份证号18位 学员身份证号 学员身份证号码 身份证编号 人员身份证号 证件编号 学生证件号码
student_no 学籍号 全国学籍号 学生学籍号 学籍号码 学籍编号 学生学籍号码 全国统一学籍号 学号 学籍 全国学籍号码 学籍主号
disability_no 残疾证号 残疾人证号 残疾生证号 残疾证号码 残疾人证号码 残疾证编号 第二代残疾人证号 残疾证 残疾人证 残疾人证编号 二代残疾证号 残疾证件号 残疾证件号码
person_no 人编号 人口编号 个人编号 成员编号 人员编号
birth_date 出生日期 出生年月 出生年月日 生日 出生 出生时间 学生出生日期 出生日 学生出生年月 公历出生日期
sex 性别 男女 学生性别
ethnicity 民族 族别 民族名称
phone 联系电话 电话号码 电话 手机号 手机号码 手机 联系方式 户联系号码 户联系电话 本人电话 学生电话 本人联系电话 学生本人联系电话 家庭成员联系电话 学员电话 移动电话 联系手机 联系号码 本人手机号 本人手机号码 学生联系电话 固定电话 农户联系电话 手机联系方式 学员联系电话 联系人电话 联系电话号码
bank_account 银行卡号 银行账号 建行卡号 卡号 帐号 账号 社保卡号 一卡通账号 一卡通号 一卡通 一卡通卡号 银行卡账号 银行帐号 发放账号 惠农卡号 惠民卡号 社会保障卡号 收款账号 收款账户 打卡账号 银行卡 储蓄卡号 惠农一卡通账号 社保卡账号 资助卡号 发放卡号 银行卡帐号
bank_name 开户银行 开户行 开户银行名称 开户行名称 银行名称 发卡银行 发卡行
household_no 户编号 家庭编号 户号 户号编码 户主编号 贫困户编号 户口编号 户籍编号 户口簿号 户口本号 家庭户号 户号码 户代码 脱贫户编号 住户编号
relation 与户主关系 户主关系 与户主的关系 同户主关系 家庭关系 关系 与户主之关系 和户主关系 本人与户主关系
head_name 户主姓名 户主 家庭户主 户主名 户主姓名全称 户主名称
head_id 户主身份证号 户主证件号码 户主身份证号码 户主身份证 户主证件号 户主公民身份号码
household_size 家庭人口 人数 家庭人口数 家庭成员数 人口数量 家庭人数 户人口数 人口数 家庭人口总数 户内人数 共同生活人数
guardian_name 监护人姓名 监护人 家长姓名 家长监护人姓名 家长或监护人姓名 家长 父母或监护人姓名 父母姓名 第一监护人姓名 法定监护人姓名 法定监护人 主要监护人姓名 委托监护人姓名 受委托监护人姓名 委托监护人 受委托监护人 实际监护人 实际监护人姓名 抚养人姓名 抚养人 照料人姓名 照料人 监护人名字 监护人父亲 监护人1姓名 现监护人姓名 监护人或受委托监护人姓名 代养人姓名 家长名字 学生家长 学生家长姓名 受委托监护人姓名
guardian_id 监护人身份证号 监护人身份证号码 家长身份证号 家长监护人身份证号 委托监护人身份证号 受委托监护人公民身份证号码 监护人身份证件号 监护人身份证件号码 家长身份证号码 监护人公民身份号码 监护人证件号码
guardian_phone 监护人电话 家长电话 监护人联系电话 家长联系电话 家长手机号码 监护人手机 监护人手机号 监护人手机号码 受委托监护人电话 家长手机 家长手机号 家长监护人电话 监护人联系方式 家长联系方式 家长监护人联系电话 联系电话 电话号码 电话 手机号 手机号码 手机 联系方式 委托监护人电话 监护人号码 抚养人电话 照料人电话 监护人电话号码 家庭电话 家庭联系电话 家长电话号码
guardian_relation 与学生关系 与本人关系 与被监护人关系 与儿童关系 与监护人关系 监护人关系 监护人与学生关系 监护人与本人关系 关系 与幼儿关系 监护人与儿童关系 家长与学生关系 与学生的关系 与儿童的关系 监护关系
county 县 区县 县区 县市区 县市区旗 旗区 市区旗 区 所在县 所属县 所属区县 县名 县级市 县名称 县市 区市县
town 乡镇 镇乡 镇街道 镇 乡 苏木乡 乡镇街道 镇办 镇街 街道 街镇 所属乡镇 所在乡镇 镇名 镇乡街道 乡镇办 户籍乡镇 乡镇名称 镇街办 乡镇街办 所在镇 所属镇 镇名称 镇村 镇街道办 所在镇办 镇处
village 村 行政村 村名 村居委 村居 村组社区 噶查村 村社区 所在村 所属村 村居社区 村委会 村名称 居村委会 社区村 行政村社区 户籍村 村居名称 所属村居 村组 行政村名称 村委 所在村社区 村街
village_group 组 村组 村民小组 组别 小组 社组 自然村 自然村屯 屯 组名 所在组 社 村小组 组名称 所属组
address 家庭住址 居住地地址 家庭地址 住址 地址 现住址 现居住地 居住地址 家庭现住址 家庭详细地址 居住所在地 详细地址 户籍地址 户籍所在地 户口所在地 户籍地 家庭居住地 通讯地址 详细通讯地址 居住地 常住地址 通信地址 镇村组 乡镇村组 家庭所在地 家庭住址镇村组 户籍住址 现家庭住址 家庭详细住址 户口地址 住地 常住地
division_code 区划代码 行政区划代码 行政区划 区划编码 村编码 村代码
relocation_site 易地搬迁安置点 安置点 搬迁安置点 安置点名称 易地扶贫搬迁安置点 集中安置点 迁入地址 搬迁点 安置社区 易地搬迁点 安置小区
residence 户籍状态 人员状态 户口状态 户籍人员状态 户籍标识 人口状态 人员类别 户口标志 生存状态 公安人员状态 户籍状况 人户状态
changed_on 变动日期 状态变动日期 变动时间 变更日期 迁移日期 迁出日期 注销日期 迁移时间 户籍变动日期 户籍变动时间 变更时间 迁出时间
household_kind 户类型 监测对象类别 户属性 贫困户属性 脱贫属性 监测类别 监测对象类型 家庭类型 户类别 农户类型 贫困类型 是否脱贫户 是否建档立卡 建档立卡 家庭属性 监测户类型 对象类别 脱贫户类型 户别 监测类型 是否建档立卡户
risk_cleared 风险是否已消除 风险是否消除 是否消除风险 是否已消除风险 风险消除情况 风险消除 是否消除 风险消除状态 是否风险消除 风险状态
risk_cleared_on 风险消除日期 风险消除时间 消除监测时间 消除风险时间 风险消除年月 消除日期 消除时间 解除监测时间 消除风险日期
identified_on 识别日期 识别时间 识别监测时间 纳入时间 纳入日期 认定时间 首次识别时间 纳入监测时间 监测识别时间 识别监测日期 认定日期 贫困人员识别时间 识别年月
lifted_year 脱贫年度 脱贫年份 脱贫时间 脱贫年 脱贫退出年度 退出年度
poverty_cause 致贫原因 主要致贫原因 致贫返贫风险 致贫原因1 致贫返贫原因 贫困原因 致贫返贫风险1 返贫风险 主要风险 困难原因 主要致贫返贫原因 主要致贫返贫风险 风险类型
assistance_kind 救助类别 救助类型 保障类别 类别 困难类型 救助种类 困难类别 保障类型 人员类别 对象类别 儿童类别 保障对象类别 低保类别 特困类别 救助项目 享受类别 儿童类型 救助对象类别 对象类型 社会救助类别
assistance_from 享受起始 享受起始时间 享受开始时间 起始时间 保障开始时间 批准时间 享受起始年月 起始日期 救助开始时间 开始享受时间 享受时间 保障起始 纳入时间 认定时间 批准日期 开始时间 保障起始时间 享受日期 纳入日期 认定日期 享受起始日期 纳入保障时间 起始年月 起始 救助起始时间 开始日期 审批时间 享受低保时间 纳入保障日期 保障开始日期 享受开始日期
assistance_to 享受截止 享受截止时间 享受结束时间 截止时间 保障结束时间 终止时间 停保时间 停发时间 截止日期 享受终止 结束时间 享受截止日期 停发日期 保障截止时间 享受截止年月 退出时间 截止年月 截止 终止日期 结束日期 停保日期 保障结束日期
disability_type 残疾类别 残疾类型 残疾种类 残疾人类别 残疾类别及等级 类别
disability_grade 残疾等级 残疾级别 残疾程度 等级
issued_on 发证日期 发证时间 签发日期 办证日期 领证日期 残疾证发证日期 初次发证日期 残疾证办证年度 签发时间 办证时间 核发日期 制证日期 证件签发日期
valid_to 有效期至 有效期止 有效期 证件有效期 有效期限 到期日期 截止日期 有效期截止 期限至 到期时间 证件有效期至 终止日期 结束日期 批准截止日期 有效截止日期 截止时间 有效期截止日期 失效日期 止 结束时间 证件到期日 有效日期
health 健康状况 健康情况 身体情况 身体状况 健康状态
school 就读高校 高校 学校 学校名称 学校全称 就读学校 所在学校 就读学校及年级 校名 学校名 幼儿园名称 就读院校 就读学校名称 所属学校 单位名称 现就读学校 在读学校 院校名称 高校名称 录取院校 任教学校 工作单位 工作学校 办学单位 单位 学校简称 学校全名 所在单位 学校园名称 学校园 任职学校 校点名称 学校单位 就读学校全称 在校学校 现任教学校 借读学校 学校机构名称
school_code 学校标识码 学校代码 学校编码 标识码 学校识别码 学校唯一标识码 机构标识码 学校机构标识码 学校码
stage 学段 教育阶段 办学层次 学段层次 教育层次 就读学段 所属学段 学校学段 学习阶段
grade 年级 就读年级 年级名称 当前年级 所在年级 年级班级 年级和班级 就读年级班级 现就读年级 现年级 年级班 班级年级 在读年级 学生年级 年级及班级
class 班级 所在班级 班 班级名称 班别 行政班 就读班级 班号 所在班 年级班级 班级号 学生班级
boarding 就读方式 是否住宿生 是否寄宿 是否学校寄宿 住校 是否寄宿生 是否住校 寄宿情况 住宿情况 寄宿 是否住校生 住宿方式 走读住校 寄宿走读 是否在校寄宿 住校情况 住读方式 走读寄宿 寄宿状况 就学方式 是否在校住宿
enrolment_status 学籍状态 学生状态 就读状态 在校状态 学生当前状态 学籍情况 在籍状态 学籍状况 当前状态 状态 在读状态 学籍变动情况 就学状态
entered_on 入学年月 入学时间 入学日期 入校时间 入学年份 入校日期 入校年月 入学 入园时间 入园日期 入园年月
left_on 离校日期 离校时间 转出日期 辍学年月 转出时间 毕业日期 离校年月 辍学时间 异动日期 异动时间 变动日期 变动时间 离园时间 离园日期 学籍变动日期 转学日期
term 学期 学年学期 资助学期 学年度 学年 发放学期 补助学期 所属学期 受助学期 享受学期 发放年度学期 所属学年 年度学期 资助时段 贷款学年 资助学年 借款学年 学期名称 贷款年度 学年学期名称
schooling 在校生状况 培养层次 在校生情况 在校学生 是否在校 就学情况 就读情况 在校情况 在校状况 就学状况 在学情况 就读状况 在校生 学业状况
not_in_school_reason 未上学原因 义务教育阶段未上学原因 失学或辍学原因 辍学原因 不在校原因 未入学原因 疑似辍学原因 离校原因 失学原因 未就学原因 失学辍学原因
exemption_kind 不在校类别 不在校类型 不在校事由 类别 情形 类型 事由 情况类别 合法不在校类别 免予就读类型 不在校情形 原因 情况类型 原因类别 原因类型 不在校原因 审批类别 申请事由 申请类别 申请类型 未在校情形 未入学类型 不在校原因类别 办理类型
document_no 文号 批准文号 批文号 证明文号 审批文号 批复文号 文书编号 证明编号 审批编号 批准书编号 文件编号 材料编号 文件号 证明材料编号 审批表编号 审批单号
valid_from 起始日期 批准日期 开始日期 生效日期 有效期起 起始时间 开始时间 批准时间 审批日期 起 有效期自 批准起始日期 生效时间 起始年月 审批时间 自
destination 去向 学生去向 现就读地 流向 辍学去向 转入学校 毕业去向 省内省外 就读地区 省内或省外 就读去向 就读地 院校所在地 录取院校所在地 生源去向 具体去向 转往 转往何处 就读省份
left_behind_kind 是否留守儿童 留守类型 是否留守 是否为留守儿童 是否属于留守儿童 留守儿童类型 留守情况
score_chinese 语文 语文成绩 语文得分
score_maths 数学 数学成绩 数学得分
score_english 英语 英语成绩 外语 英语得分 外语成绩
programme 资助项目 资助类型 项目 资助项目名称 补助项目 资金项目 发放项目 补助类型 受助项目 补贴项目 资助名称 项目名称 补助名称 助学项目 资助种类 经济分类 补助种类 资助类别 享受项目 资助政策
amount 资助金额 补助金额 营养餐金额 发放金额 金额 补贴金额 实发金额 补助标准 应发金额 发放标准 资助标准 下达金额 支出金额 贷款金额 合同金额 放款金额 到账金额 拨付金额 支付金额 报销金额 结算金额 补助资金 领取金额 金额合计 发放资金 下达资金 小计金额 资金金额 申请金额 贷款额 下达数 支出数 申领金额 使用金额 补助额 资助额 发放额 资助资金 收到金额 借款金额 贷款发放金额 补助金额合计 指标金额 安排金额 到位金额 资金额度
paid_on 发放日期 发放时间 资助时间 支付日期 打卡日期 打卡时间 发放年月 到卡日期 放款日期 支付时间 放款时间 到账日期 发放月份 发款日期 资金发放时间 资金发放日期 拨付日期 拨付时间 入账日期 转账日期 发放日 贷款发放日期 贷款发放时间 到卡时间
payment_status 发放状态 发放情况 支付状态 打卡状态 状态 发放结果 是否成功 打卡结果 到账情况 支付结果 发放与否
batch_no 批次号 发放批次 批次 发放批次号 批号 支付批次 拨付批次 支付批次号 批次编号
month 月份 月 供餐月份 年月 所属月份 就餐月份 统计月份 用餐月份 月度 所属年月 申报月份 补助月份 供餐年月
school_days 上课天数 上学天数 在校天数 教学天数 教学日数 应上课天数 教学日 上课日数 当月上课天数 学习日 本月上课天数 学校上课天数 实际上课天数 应供餐天数 在校上课天数 教学日天数
meal_days 就餐天数 用餐天数 供餐天数 实际就餐天数 就餐次数 用餐次数 享受天数 天数 就餐餐次 实际用餐天数 实际供餐天数 补助天数 餐次 用餐餐次 享餐天数 本月就餐天数 就餐日数 就餐总天数
school_dates 上课日期 上课日 教学日期
meal_on 供餐日期 就餐日期 用餐日期 供餐日 就餐日
present_count 到校人数 实到人数 当天到校人数 实到学生数 到校学生数
served_count 供餐份数 供餐人数 实际供餐份数 实供份数 实际供餐人数
claimed_count 申报份数 申报人数 申请补助份数 申报餐数
item 测量项目 检测项目 条件项目 指标项目
measured 测量值 实测值 实有数 测得值 实测数
quantity_unit 计量单位 数量单位
measured_on 测量日期 测量时间 实测日期
foodstuff 食材 食材名称 食材品种 品名 货物名称
movement 出入库 出入库类型 出入库类别 出库入库
quantity 数量 采购数量 出入库数量 入库数量 每人用量 人均用量 带量
supplier 供应商 供货商 供货单位 供应商名称
moved_on 出入库日期 采购日期 入库日期 出库日期
skill 技能特长 技能 特长 掌握技能 专长 职业技能
skill_level 技能等级 职业技能等级 技能证书等级
job_wish 求职意愿 就业意愿 就业意向 务工意愿 是否有就业意愿
wished_trade 求职工种 意向工种 意向岗位 求职岗位 期望岗位
wished_place 求职地点 意向地点 就业意向地 期望就业地点 意向就业地
wished_wage 期望薪资 期望月薪 期望工资 期望月收入
training_wish 意愿培训工种 培训意愿工种 想学工种 意向培训工种 想学什么
care_duty 照护负担 照护对象 家庭照护情况 需照护人员 不能外出原因
venue 培训地点 上课地点 办班地点 开班地点 教学地点 培训地址
room 教室 实训教室 场地名称 实训场地 教室名称 培训教室 实训室
seats 计划人数 计划培训人数 可容纳人数 班额人数 招生人数 工位数 容纳人数 计划招生人数
trainer 授课教师 授课老师 任课教师 师资姓名 讲师 培训教师 授课教师姓名 培训师
dual_qualified 是否双师型 双师型 是否双师型教师 双师型教师
course_cost 培训成本 培训经费 办班经费 课程成本 预算经费
subsidy 培训补贴标准 人均补贴 补贴标准元人 每人补贴 职业培训补贴标准
trained_on 考勤日期 签到日期 上课日 到课日期
employer_kind 用工主体类型 用工主体 单位类型 企业类型 用工单位类型 岗位来源
openings 招聘人数 招工人数 需求人数 岗位数 空岗数 用工人数 招用人数 缺工人数
flexible 可兼顾照护 是否可兼顾照护 可灵活上下班 弹性上班 是否弹性工作 可照顾家庭
checked_on 核验日期 核查日期 回访日期 核实日期 核验时间 回访时间
at_work 是否在岗 是否仍在岗 是否稳岗 仍在岗 核验是否在岗
proof_kind 核验方式 核实方式 证明方式 佐证方式 核验依据
allowance 乡村教师生活补助 是否享受乡村教师生活补助 是否享受生活补助
dish 菜品 菜名 菜品名称 饭菜名称
review_kind 评价方式 听课方式 评价类型
score 得分 评分 评价得分 测试得分
full_mark 满分 总分
reviewed_on 评价日期 听课日期 测试日期
meal_price 餐标 补助标准 膳食补助标准 供餐标准 单价 每日标准 日补助标准 每天标准 每餐标准 每餐补助 每日补助标准 每生每天 补助标准元生天 餐补标准 标准 营养膳食补助标准 每人每天 每生每天标准 日标准 补助标准元天
absent_from 缺勤起 缺勤起始日期 缺勤开始日期 请假起始日期 开始日期 起始日期 缺勤起始 请假开始日期 请假开始时间 缺勤日期 请假日期 缺课日期 开始时间 请假时间 缺勤时间 起始时间 缺课开始日期 请假起 缺勤开始时间 缺课起 请假自 离校日期 缺勤开始 起 缺勤起日 缺课起始日期 缺课时间 起日
absent_to 缺勤止 缺勤截止日期 缺勤结束日期 请假结束日期 结束日期 截止日期 缺勤截止 请假结束时间 结束时间 请假截止日期 截止时间 缺课结束日期 返校日期 请假止 缺勤结束时间 缺课止 请假至 缺勤结束 止 缺勤止日 缺课截止日期 止日
absent_days 缺勤天数 请假天数 缺课天数 缺席天数 天数 缺勤日数 缺勤总天数 缺课日数 合计天数 请假日数
reason 原因 缺勤原因 请假原因 事由 请假事由 缺课原因 缺勤事由 请假类型 缺勤类型 缺勤类别 请假类别
subject 任教学科 任教课程 学科 科目 主教学科 科别 教学科目 所教学科 任课学科 任教科目 所任学科 担任学科 任课科目 主要任教学科 任教学科名称
staff_kind 教职工类别 人员类别 岗位类别 类别 教职工类型 岗位类型 岗位 教师类别 人员类型 任教岗位 身份类别 岗位性质 教职工岗位类别
in_quota 是否在编 编制情况 编制 在编情况 用人形式 编制类型 编制性质 是否在编人员 是否在编教师 是否占编 编制类别 编制状态
title 职称 专业技术职务 技术职称 专业技术职称 职称等级 现任职称 现专业技术职务 教师职称 专业技术职务名称 职称级别 现任专业技术职务
backbone 是否骨干教师 骨干教师 是否县级以上骨干教师 骨干 是否骨干 骨干称号 骨干教师情况 骨干教师级别 是否县级及以上骨干教师
special_post 是否特岗教师 是否特岗 特岗教师 特岗 是否是特岗教师 是否为特岗教师
joined_on 进校时间 进校日期 入职时间 到校时间 调入时间 进校年月 来校时间 到校日期 参加工作时间 参加工作年月 入校时间 来校年月 到校年月 调入日期 现校任教时间 入职日期 来校工作时间 到本校时间 进本校年月
staff_status 人员状态 在岗状态 在岗情况 状态 岗位状态 在职状态 教师状态 是否在岗 在岗与否 当前状态 现状态 教职工状态
school_kind 办学类型 学校类型 学校类别 类别 办学类别 办学性质 学校办学类型 学校性质类别 类型 办学形式 学校种类
parent_school 并入学校 所属学校 隶属学校 中心校 中心学校 所属中心校 上级学校 主管学校 挂靠学校 所属中心学校 归属学校 所属本部 所属学区 隶属中心校 主校 管理学校
rural 是否农村学校 是否农村 城乡类型 城乡类别 农村学校 城乡分类 所在地城乡类型 是否乡村学校 城乡属性 学校所在地类型 城乡划分
pupils 学生数 在校生数 在校学生数 学生人数 在校人数 年级学生人数 学生总数 在校生人数 在校生总数 幼儿数 在园幼儿数 在校生 现有学生数 在校学生总数 在校学生 学生总人数 在校学生人数 现有学生
boarders 寄宿生数 寄宿生人数 住校生数 寄宿学生数 住校人数 住宿生数 寄宿人数 其中寄宿生 寄宿生 住宿生人数 住校生人数 其中寄宿生数 住校学生数 寄宿学生人数
classes 班数 教学班数 班级数 班级总数 教学班 教学班级数 班级个数 教学班个数 现有班数 班额数
standard_grade 办学等级 学校等级 等级 办学水平等级 标准化等级 示范等级 学校级别 办学等次 级别 达标等级 评估等级 收费等级 标准等级
building_area 校舍建筑面积 校舍面积 建筑面积 校舍总面积 总建筑面积 房屋建筑面积 校舍总建筑面积 校舍建筑总面积
teaching_area 教学及辅助用房面积 教学及辅助用房 教学用房面积 教学辅助用房面积 教学及教辅用房面积 教学用房 教学及教学辅助用房面积 教辅用房面积 教学及辅助用房建筑面积
sports_area 运动场地面积 体育运动场馆面积 运动场面积 体育场地面积 体育运动场地面积 活动场地面积 运动场地 体育运动场面积 体育运动场馆地面积 操场面积 体育活动场地面积
dorm_beds 宿舍床位数 床位数 宿舍床位 学生宿舍床位数 寄宿床位数 床位 学生床位数 住宿床位数 学生宿舍床位 学生床位 宿舍床位总数
canteen_area 食堂面积 学生食堂面积 食堂建筑面积 食堂餐厅面积 餐厅面积 食堂使用面积
canteen_staff 食堂从业人员数 食堂人员数 食堂工人数 食堂从业人员 炊事员数 食堂员工数 食堂工作人员数 食堂从业人数 食堂人数 炊事员 食堂工作人员 食堂从业人员人数 食堂工勤人员
meal_mode 供餐模式 供餐方式 供餐形式 就餐方式 供餐类型 营养餐供餐模式
toilet_places 厕位数 厕所蹲位数 蹲位数 厕位 厕所厕位数 卫生厕位数 厕所蹲位 厕所位数 蹲位 学生厕位数 卫生厕所厕位数
multimedia_rooms 多媒体教室数 网络多媒体教室间数 多媒体教室 网络多媒体教室数 班班通教室数 网络多媒体教室 多媒体教室间数 多媒体间数 班班通教室
equipment_value 教学仪器设备值 仪器设备值 教学仪器设备总值 教学仪器设备资产值 设备值 仪器设备总值 教学设备值 教学仪器设备资产 教学仪器设备
desks 课桌椅套数 课桌椅 课桌椅数 课桌凳套数 课桌数 课桌椅数量 课桌凳 课桌椅套 学生课桌椅 课桌椅单人套
dangerous_area d级危房面积 危房面积 校舍危房面积 d级危房 校舍d级危房面积 危房 d级校舍面积 d级危险房屋面积
guards 安保人员数 保安人数 保安数 专职保安数 安保人数 安全保卫人员数 保安员数 保安人员数 专职保安人数 安保人员 保卫人员数 专职安保人数 保安
longitude 经度 东经 学校经度 x坐标 lng lon gps经度
latitude 纬度 北纬 学校纬度 y坐标 lat gps纬度
closed_on 撤并日期 撤并时间 停办日期 停办时间 撤销日期 撤销时间 撤点日期 停用日期 撤点时间 撤并年月
education 文化程度 学历 最高学历 学历层次 受教育程度 教育程度 文化水平
labour_ability 劳动能力 劳动技能 劳动力 是否是劳动力 劳动力类型 劳动能力状况 劳动力状况 劳动技能状况 劳动能力劳动技能 劳动力情况 劳动能力类型
working 务工状况 就业状态 务工情况 就业情况 是否务工 是否已务工 就业状况 就业失业类型 是否外出务工 是否就业 务工就业情况 当前就业状态 外出务工情况 就业失业状态 务工状态 现从事工作
work_place 务工地点 务工地 务工所在地 务工地址 当前务工地点 务工省市县 就业地点 工作地点 就业地 单位地址 工作地址 外出务工地点 务工地区 就业所在地 务工区域 就业地址 务工去向 现务工地点
work_months 务工时间 务工月数 务工时间月 务工累计时间 务工时长 外出务工时间 年务工时间 累计务工时间 务工时间月数 累计务工月数 本年务工月数 就业月数
employer 单位名称 务工企业名称 企业名称 就业单位名称 用人单位 就业单位 工作单位 务工单位 企业 务工企业 用工单位 用工企业 单位 就业企业名称 就业企业 用人单位名称 就业单位全称 务工单位名称 公司名称
occupation 工种 就业工种 务工工种 从事工种 岗位名称 工种岗位 岗位 务工职位 从事职业 职业 就业岗位 从事行业 工作岗位 从事岗位 务工岗位 就业工种岗位 工种名称 职位
wage 月收入 月工资 务工月收入 工资 月薪 工资收入 月平均工资 月工资收入 平均月收入 工资待遇 月均工资 薪资 月均收入 工资元月 月平均收入 月薪酬 税前月薪 薪酬
started_on 开始时间 就业时间 入职时间 上岗时间 劳动合同起始时间 就业日期 入职日期 上岗日期 开始日期 合同起始日期 就业开始时间 务工开始时间 合同开始日期 就业起始时间 到岗时间 录用日期 起始日期 到岗日期 就业开始日期 合同起始时间 起始时间 就业起始日期 劳动合同开始日期
ended_on 结束时间 离职时间 劳动合同终止时间 离职日期 结束日期 合同终止日期 务工结束时间 就业结束时间 合同结束日期 离岗时间 离岗日期 就业结束日期 终止日期 合同终止时间 截止日期 终止时间 截止时间 劳动合同结束日期
course 培训专业 培训项目名称 培训工种 培训课程 课程 培训项目 专业 工种 培训内容 课程名称 专业名称 培训课程名称 培训职业 培训工种专业 培训专业工种 培训专业名称 培训职业工种 培训职业名称
course_kind 培训类别 培训类型 类别 培训种类 项目类别 培训项目类别 项目 培训班类别 培训形式 培训班类型 类型
session 期次 期数 班次 培训期次 培训班次 班期 培训期数 期别 培训班期次 第几期 培训批次 开班期次
trained_from 培训开始时间 培训时间 培训日期 开班时间 开班日期 培训开始日期 培训起始时间 开始时间 培训起止时间 起始时间 开始日期 培训起始日期 培训起 起始日期 起止时间 培训自
trained_to 培训结束时间 结业时间 结业日期 培训结束日期 结束时间 培训截止时间 结束日期 截止时间 截止日期 培训止 培训截止日期 结班日期 培训至
hours 课时数 课时 培训课时 学时 总课时 培训学时 学时数 总学时 培训课时数 培训学时数 计划课时 应修学时 应到课时 总课时数
attended_hours 出勤课时 实际课时 出勤学时 实到课时 实际学时 到课课时 实际出勤课时 参训课时 完成课时 实修学时 出勤课时数 实到学时 考勤课时
result 考核结果 结业情况 考核成绩 是否合格 培训结果 鉴定结果 考试结果 成绩 考核情况 结业结果 结业与否 是否结业 结果 合格与否 结业考核 评定结果 考核结论
certificate_no 证书号 证书编号 职业证书编号 职业资格证书号 合格证编号 职业技能证书编号 证书号码 结业证书编号 结业证编号 合格证书编号 职业资格证书编号 技能证书编号 结业证书号 职业证书号 合格证号 培训合格证编号 证书
provider 培训机构 培训机构名称 承办机构 培训学校 培训单位 学校名称 承训机构 办班单位 培训承办单位 承办单位 培训基地 实施机构 承训单位 开班机构 培训学校名称 机构名称 举办单位
mentor_name 帮扶责任人姓名 帮扶责任人 帮扶人 帮扶人姓名 帮扶教师 结对教师 帮扶教师姓名 结对教师姓名 帮扶干部 帮扶干部姓名 导师 结对帮扶人 结对人姓名 结对干部 教师姓名 承包老师 包联教师 责任人 包抓人 联系人 帮扶老师 结对责任人 结对帮扶教师 联系教师 结对人 包抓教师 帮扶人员 责任教师 结对帮扶责任人 帮扶责任教师 包联干部 帮扶人员姓名 结对帮扶干部 联系人姓名 帮扶老师姓名 结对老师 导师姓名 责任人姓名 包联人 帮扶者 谈心教师 包保教师 包保人 结对老师姓名 包联人姓名 帮扶责任人名字 记录人
mentor_id 帮扶责任人身份证号 帮扶人身份证号 教师身份证号 帮扶责任人证件号码 帮扶教师身份证号 结对人身份证号
mentor_phone 帮扶责任人电话 帮扶责任人联系方式 帮扶人电话 教师电话 帮扶教师电话 帮扶人联系电话 责任人电话 帮扶责任人联系电话 结对教师电话 帮扶责任人手机 帮扶责任人手机号 帮扶人手机 帮扶人联系方式 结对人电话 责任人联系电话 包联干部电话 帮扶干部电话 帮扶教师联系电话 结对教师联系电话 导师电话 联系人电话 结对人联系电话 教师联系电话 责任人联系方式 帮扶人手机号 联系电话 联系方式
mentor_unit 帮扶责任人单位 帮扶单位 帮扶人单位 责任人单位 工作单位 所在单位 单位 单位名称 帮扶责任人所在单位 帮扶人工作单位 结对单位 帮扶责任人工作单位 帮扶单位名称 所在单位及职务 包联单位 结对帮扶单位 责任单位 结对人单位 帮扶人所在单位 教师单位
paired_from 结对起始 结对时间 结对日期 帮扶开始时间 结对开始时间 开始时间 帮扶起始时间 结对起始时间 起始时间 开始日期 结对起始日期 起始日期 帮扶时间 帮扶起始 结对开始日期 帮扶开始日期 结对年月 帮扶起始日期 建立结对时间 结对起 帮扶关系建立时间
paired_to 结对截止 帮扶结束时间 结对结束时间 结束时间 结对截止时间 截止时间 结束日期 截止日期 结对截止日期 帮扶截止 解除时间 帮扶截止时间 解除日期 结对解除时间 帮扶结束日期 结对止 结对结束日期 解除结对时间
contact_on 联系日期 联系时间 帮扶时间 帮扶日期 谈话时间 家访时间 走访时间 走访日期 谈心时间 日期 时间 活动时间 活动日期 家访日期 开展时间 谈话日期 记录日期 开展日期 记录时间 谈心日期 沟通时间 沟通日期 工作时间
contact_kind 联系方式 联系形式 帮扶方式 活动形式 帮扶形式 联系类型 谈话方式 形式 方式 帮扶类型 工作方式 活动类型 联系途径 沟通方式 帮扶活动 活动方式 类别 类型 帮扶措施 走访形式 开展形式 帮扶类别
note 备注 说明 帮扶内容 内容 情况记录 谈话内容 记录 活动内容 联系内容 情况说明 帮扶情况 备注说明 主要内容 记录内容 帮扶记录 工作内容 谈心内容 具体内容 简要内容
funding_unit 资助部门 资助单位 出资部门 出资单位 发放部门 发放单位 实施部门 实施单位 主办部门 资助来源 资金来源部门 救助部门 帮扶部门
tuition 学费 学费标准 年学费 每年学费 学年学费 应缴学费
lodging 住宿费 住宿费标准 年住宿费 每年住宿费 学年住宿费
living_cost 年生活费 生活费支出 学年生活费 每年生活费
fund_no 资金编号 资金编码 指标编号 指标文号 资金代码 资金号 指标号 资金文号 下达文号 文号 指标编码 资金下达文号 编号 资金指标编号 资金唯一编号 预算编号
fund_name 资金名称 资金项目 项目名称 资金项目名称 指标名称 专项资金名称 资金来源 专项名称 预算项目 预算项目名称
earmark 用途 资金用途 支出用途 使用方向 专项用途 资金使用方向 支出方向 规定用途 用款用途 支出科目 资金投向 项目用途 支出项目 指定用途 使用用途 限定用途
arrived_on 到账日期 到账时间 下达日期 下达时间 收到日期 到位时间 到位日期 资金到账日期 文件日期 收文日期 资金下达日期 入账日期 资金到账时间 资金到位日期 资金下达时间 指标下达日期 到帐日期 到帐时间
spend_by 支出期限 使用期限 支出截止日期 应支出日期 支出时限 资金使用期限 支付期限 完成支出期限 完成期限 使用截止日期 支出截止时间 最迟支出日期 应支完日期 执行期限 支出完成期限 须支出完毕日期 截止日期 使用截止时间 限期支出 应支出时间
spent_on 支出日期 支出时间 支付日期 付款日期 使用日期 报账日期 支付时间 付款时间 日期 报销日期 拨付日期 实际支出日期 列支日期 使用时间 报账时间 拨付时间 实际支付日期
";

/// Columns that say nothing of the row: running numbers, signatures, and the two that [`crate::annotate()`] adds.
const SERIAL: &str = "序号 编号 行号 序 no 顺序号 顺号 排序 流水号 怎么办 原表行号 签名 领取人签字 签字 家长签字 领取人签名 家长签名 本人签字 序列号 领款人签字";

/// Words for someone other than whom the row is about, with the role that they play.
const ROLES: &[(&str, Role)] = &[
    ("委托监护", Role::Guardian),
    ("监护", Role::Guardian),
    ("家长", Role::Guardian),
    ("抚养人", Role::Guardian),
    ("照料人", Role::Guardian),
    ("代养人", Role::Guardian),
    ("户主", Role::Head),
    ("帮扶", Role::Mentor),
    ("结对", Role::Mentor),
    ("责任人", Role::Mentor),
    ("包联", Role::Mentor),
    ("包抓", Role::Mentor),
    ("导师", Role::Mentor),
    ("承包老师", Role::Mentor),
    ("父母", Role::Guardian),
    ("祖父", Role::Another),
    ("祖母", Role::Another),
    ("爷爷", Role::Another),
    ("奶奶", Role::Another),
    ("父亲", Role::Parent),
    ("母亲", Role::Parent),
    ("班主任", Role::Another),
    ("校长", Role::Another),
    ("负责人", Role::Another),
    ("领导", Role::Another),
    ("经办", Role::Another),
    ("操作人", Role::Another),
    ("填表", Role::Another),
    ("审核", Role::Another),
    ("劝返", Role::Another),
    ("公安", Role::Another),
    ("配偶", Role::Another),
    ("联系人", Role::Another),
];

/// Words that make a header speak of something else than the word they are joined to.
const OTHERWISE: &[&str] = &[
    "辅",
    "失业",
    "特级",
    "意愿",
    "意向",
    "求职",
    "期望",
    "原",
    "未",
    "是否",
    "有无",
    "享受",
    "参加",
    "毕业",
    "曾用",
    "拼音",
    "有效期",
    "类型",
    "医疗",
    "保险",
    "经历",
    "人数",
    "成绩",
    "需求",
    "审核",
    "标识",
    "来源",
    "类别",
    "等级",
    "方式",
    "照片",
    "年龄",
    "补贴标准",
    "籍贯",
    "比例",
    "职业",
];

/// Whose attribute a header speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// 监护人, 家长
    Guardian,
    /// 父亲, 母亲: a guardian where no column names one
    Parent,
    /// 户主
    Head,
    /// 帮扶责任人
    Mentor,
    /// Anyone else
    Another,
}

impl Role {
    /// The role that a header names.
    pub(crate) fn of(header: &str) -> Option<Self> {
        ROLES.iter().find(|(word, _)| header.contains(word)).map(|(_, role)| *role)
    }

    /// The field of the person in this role that corresponds to a field of the row's own person.
    pub(crate) fn field(self, own: Field) -> Option<Field> {
        match (self, own) {
            (Self::Guardian | Self::Parent, Field::Name) => Some(Field::GuardianName),
            (Self::Guardian | Self::Parent, Field::CitizenId) => Some(Field::GuardianId),
            (Self::Guardian | Self::Parent, Field::Phone | Field::GuardianPhone) => {
                Some(Field::GuardianPhone)
            }
            (Self::Guardian, Field::Relation | Field::GuardianRelation) => {
                Some(Field::GuardianRelation)
            }
            (Self::Head, Field::Name) => Some(Field::HeadName),
            (Self::Head, Field::CitizenId) => Some(Field::HeadId),
            // A household's phone is the head's.
            (Self::Head, Field::Phone | Field::GuardianPhone) => Some(Field::Phone),
            (Self::Mentor, Field::Name) => Some(Field::MentorName),
            (Self::Mentor, Field::CitizenId) => Some(Field::MentorId),
            (Self::Mentor, Field::Phone | Field::GuardianPhone | Field::MentorPhone) => {
                Some(Field::MentorPhone)
            }
            (Self::Mentor, Field::Employer | Field::School) => Some(Field::MentorUnit),
            _ => None,
        }
    }
}

/// What headers mean: built in, and confirmed by people.
#[derive(Clone, Debug)]
pub struct Lexicon {
    words: BTreeMap<&'static str, Vec<Field>>,
    confirmed: BTreeMap<(RosterKind, String), Option<Field>>,
}

impl Default for Lexicon {
    /// The words that rosters use, as built in.
    fn default() -> Self {
        let mut words: BTreeMap<&'static str, Vec<Field>> = BTreeMap::new();
        for line in WORDS.lines().filter(|line| !line.is_empty()) {
            let mut parts = line.split(' ');
            let code = parts.next().expect("a line begins with a field");
            let field = Field::from_code(code).expect("a test reads the table");
            for word in parts {
                let fields = words.entry(word).or_default();
                if !fields.contains(&field) {
                    fields.push(field);
                }
            }
        }
        Self { words, confirmed: BTreeMap::new() }
    }
}

/// What a confirmed header means; `None` for nothing of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning(pub(crate) Option<Field>);

impl Lexicon {
    /// Remembers what a header means in rosters of a kind: a field, or `None` for "nothing of ours".
    ///
    /// The header may be given as written; numbering, stars, brackets and spaces do not matter.
    pub fn remember(&mut self, kind: RosterKind, header: &str, field: Option<Field>) {
        self.confirmed.insert((kind, text::header(header).full), field);
    }

    /// What a person said of a header in rosters of a kind, if anything.
    pub(crate) fn confirmed(&self, kind: RosterKind, header: &Header) -> Option<Meaning> {
        if self.confirmed.is_empty() {
            return None;
        }
        self.confirmed.get(&(kind, header.full.clone())).map(|field| Meaning(*field))
    }

    /// Whether a person has ever said anything of a header.
    fn heard_of(&self, header: &Header) -> bool {
        RosterKind::ALL.iter().any(|kind| self.confirmed(*kind, header).is_some())
    }

    /// The fields that a header may stand for, word for word or nearly so.
    pub(crate) fn known(&self, header: &Header) -> Option<&[Field]> {
        let get = |word: &str| self.words.get(word).map(Vec::as_slice);
        if let Some(fields) = get(&header.full) {
            return Some(fields);
        }
        if !header.bare.is_empty()
            && let Some(fields) = get(&header.bare)
        {
            return Some(fields);
        }
        for form in [&header.full, &header.bare] {
            for word in without_filler(form).chain(alternatives(form)) {
                if let Some(fields) = get(word) {
                    return Some(fields);
                }
            }
        }
        None
    }

    /// Whether a header is of a running number or a signature.
    pub(crate) fn is_serial(header: &Header) -> bool {
        SERIAL.split(' ').any(|word| word == header.full || word == header.bare)
    }

    /// How much a text looks like a header, in halves: 2 known, 1 holds a known word, 0 neither.
    pub(crate) fn header_likeness(&self, header: &Header) -> u32 {
        if header.full.is_empty() || header.full.chars().count() > 40 {
            0
        } else if self.known(header).is_some() || Self::is_serial(header) || self.heard_of(header) {
            2
        } else {
            u32::from(header.full.chars().count() <= 16 && self.contained(header).is_some())
        }
    }

    /// The longest known word within a header that makes up at least half of it.
    fn contained(&self, header: &Header) -> Option<(u8, &[Field])> {
        let mut best: Option<(u8, &[Field])> = None;
        for form in [&header.full, &header.bare] {
            let length = form.chars().count();
            for (start, _) in form.char_indices() {
                let tail = &form[start..];
                for (end, c) in tail.char_indices() {
                    let word = &tail[..end + c.len_utf8()];
                    let n = word.chars().count();
                    let is_noun = n >= 4 && form.ends_with(word);
                    if n < 2 || n * 2 < length && !(is_noun && n * 5 >= length * 2) {
                        continue;
                    }
                    let Some(fields) = self.words.get(word) else { continue };
                    // What comes last is the noun, unless the word is most of the header.
                    if !form.ends_with(word) && n * 3 < length * 2 {
                        continue;
                    }
                    let rest = form.replacen(word, "", 1);
                    if OTHERWISE.iter().any(|w| rest.contains(w))
                        || (Role::of(&rest).is_some() && Role::of(word).is_none())
                    {
                        continue;
                    }
                    let score =
                        u8::try_from((100 * n / length + if is_noun { 20 } else { 0 }).min(95))
                            .expect("at most 95");
                    if best.is_none_or(|(so_far, _)| score > so_far) {
                        best = Some((score, fields));
                    }
                }
            }
        }
        best
    }

    /// Fields that a header may stand for by likeness, among those wanted: the best with its score, 0–100.
    pub(crate) fn alike(&self, header: &Header, wanted: &[Field]) -> Option<(u8, Field)> {
        let mut best: Option<(u8, Field)> = None;
        let mut offer = |score: u8, field: Field| {
            if best.is_none_or(|(so_far, _)| score > so_far) {
                best = Some((score, field));
            }
        };
        if let Some((score, fields)) = self.contained(header)
            && let Some(field) = fields.iter().find(|f| wanted.contains(f))
        {
            offer(score, *field);
        }
        let form = if header.bare.chars().count() >= 2 { &header.bare } else { &header.full };
        let length = form.chars().count();
        if (3..=16).contains(&length) {
            for (word, fields) in &self.words {
                let n = word.chars().count();
                if n < 3 || n.abs_diff(length) > 3 {
                    continue;
                }
                let Some(field) = fields.iter().find(|f| wanted.contains(f)) else { continue };
                let score = text::likeness(form, word);
                // One character of four may be wrong or missing, not one of three.
                // The last one is the noun: 户主姓别 is not 户主姓名 with a slip.
                let noun = form.chars().last() == word.chars().last() || word.starts_with(form);
                if score < 75
                    || !text::is_slip(form, word)
                    || !noun
                    || Role::of(form) != Role::of(word)
                {
                    continue;
                }
                let otherwise = |w: &&&str| form.contains(**w) != word.contains(**w);
                if OTHERWISE.iter().any(|w| otherwise(&w)) {
                    continue;
                }
                offer(score.min(94), *field);
            }
        }
        best
    }
}

/// A header without words that change nothing: 学生…, …名称, …(元).
fn without_filler(form: &str) -> impl Iterator<Item = &str> {
    const BEFORE: &[&str] = &[
        "学生",
        "幼儿",
        "本人",
        "孩子",
        "儿童",
        "学员",
        "受助",
        "贫困学生",
        "填写",
        "所在",
        "所属",
        "当前",
        "现",
        "其中",
        "成员",
        "人员",
        "残疾人",
        "教师",
        "个人",
        "家庭",
        "本",
        "户籍",
        "资助",
        "培训",
        "学校",
        "实际",
        "教职工",
        "脱贫户",
        "监测户",
        "脱贫人口",
        "监测对象",
        "持证人",
        "借款学生",
        "借款人",
        "被监护人",
        "本次",
        "本月",
        "当月",
        "应",
    ];
    const BEHIND: &[&str] = &[
        "名称",
        "元",
        "月",
        "天",
        "人",
        "万元",
        "平方米",
        "㎡",
        "m2",
        "年",
        "个",
        "套",
        "张",
        "间",
        "情况",
        "全称",
        "信息",
        "号码",
        "号",
        "次",
        "课时",
        "1",
        "一",
        "日",
        "元月",
        "元人",
        "元学期",
        "元生",
        "年月日",
    ];
    BEFORE
        .iter()
        .filter_map(move |w| form.strip_prefix(w))
        .chain(BEHIND.iter().filter_map(move |w| form.strip_suffix(w)))
        .filter(|rest| rest.chars().count() >= 2)
}

/// Either half of 迁出或注销日期, the one with the noun first.
fn alternatives(form: &str) -> impl Iterator<Item = &str> {
    form.split_once('或')
        .into_iter()
        .flat_map(|(before, behind)| [behind, before])
        .filter(|half| half.chars().count() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_names_a_field_and_every_field_has_words() {
        let lexicon = Lexicon::default();
        for field in Field::ALL {
            let as_written = lexicon.words.values().any(|fields| fields.contains(field));
            assert!(as_written || *field == Field::IdAsWritten, "{} has no words", field.code());
        }
        for word in lexicon.words.keys() {
            assert_eq!(text::header(word).full, *word, "a word that no header can match");
        }
    }

    #[test]
    fn words_within_and_words_alike() {
        let lexicon = Lexicon::default();
        let alike = |header: &str, wanted: &[Field]| {
            lexicon.alike(&text::header(header), wanted).map(|(_, field)| field)
        };
        assert_eq!(alike("业证书编号", &[Field::CertificateNo]), Some(Field::CertificateNo));
        assert_eq!(alike("户主姓别", &[Field::Sex, Field::HeadName]), None);
        assert_eq!(alike("意愿培训日期", &[Field::TrainedFrom]), None);
        assert_eq!(alike("原单位名称", &[Field::Employer]), None);
        assert_eq!(alike("学生本学期就读学校", &[Field::School]), Some(Field::School));
    }

    #[test]
    fn roles_carry_fields_over() {
        assert_eq!(Role::of("外祖父姓名"), Some(Role::Another));
        assert_eq!(
            Role::of("父亲姓名").and_then(|r| r.field(Field::Name)),
            Some(Field::GuardianName)
        );
        assert_eq!(Role::of("出生日期"), None);
    }
}
