use super::{Form, Group, Minutes, Prices, Standards};

/// How a child gets to school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Walks each day.
    Walks,
    /// Is fetched by a bus each day.
    Rides,
    /// Boards, and comes home by the week.
    Boards,
    /// A parent rents a room near the school (陪读).
    Accompanied,
}

/// One child at one school.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Child {
    /// How it gets there.
    pub way: Way,
    /// Minutes one way.
    pub minutes: f64,
    /// Yuan a year that its family pays, minutes included.
    pub family_yuan: f64,
    /// Yuan a year that the state pays for it beyond the school itself.
    pub state_yuan: f64,
}

impl Child {
    /// Families and state together.
    pub fn yuan(&self) -> f64 {
        self.family_yuan + self.state_yuan
    }
}

/// The cheapest lawful way of one child to a school in one form; `None` if there is none, or it does not teach the child's
/// grades.
pub fn child(
    group: &Group,
    form: &Form,
    minutes: Minutes,
    standards: Standards,
    prices: Prices,
) -> Option<Child> {
    if form.bands >> group.band & 1 == 0 {
        return None;
    }
    let mut best: Option<Child> = None;
    let mut offer = |child: Child| {
        if best.is_none_or(|b| child.yuan() < b.yuan()) {
            best = Some(child);
        }
    };
    let is_near = minutes.metres <= standards.radius_m;
    if is_near && minutes.foot <= standards.walk_of(group.band) {
        // Without a canteen the way is gone twice a day.
        let times = if form.canteen { 1.0 } else { 2.0 };
        let family_yuan = prices.yuan_a_minute * minutes.foot * times;
        offer(Child { way: Way::Walks, minutes: minutes.foot, family_yuan, state_yuan: 0.0 });
    }
    if is_near && form.bus && minutes.ride <= standards.ride_minutes {
        let family_yuan = prices.yuan_a_minute * minutes.ride;
        let state_yuan = prices.bus_yuan;
        offer(Child { way: Way::Rides, minutes: minutes.ride, family_yuan, state_yuan });
    }
    // Who stays the week goes the way once in five days, by whatever is faster.
    let weekly = minutes.foot.min(minutes.ride);
    let weekly_yuan = prices.yuan_a_minute * weekly / 5.0;
    if form.beds && group.may_board {
        let family_yuan = prices.board_yuan + weekly_yuan;
        let state_yuan = prices.bed_yuan;
        offer(Child { way: Way::Boards, minutes: weekly, family_yuan, state_yuan });
    }
    // Only where nothing lawful is left: nobody plans with 陪读.
    if best.is_none() && !standards.lawful_only {
        let family_yuan = prices.accompany_yuan + weekly_yuan;
        let way = Way::Accompanied;
        return Some(Child { way, minutes: weekly, family_yuan, state_yuan: 0.0 });
    }
    best
}
