use super::tsplib::distances;
use super::{MOST_POINTS, ReadError, Rounding, Words};
use crate::cpmp::Capacitated;

/// Capacitated p-median as OR-Library `pmedcap`, Lorena and Stefanello et al. have it: the number of points and `p`; then for
/// each point its place on the plane, its capacity and its demand. Every point is client and site.
///
/// # Errors
/// [`ReadError`] with the line.
pub fn cpmp(file: &str, text: &str, rounding: Rounding) -> Result<Capacitated, ReadError> {
    let mut words = Words::new(file, text);
    let n: usize = words.number("点数（正整数）")?;
    let p: usize = words.number("p（正整数）")?;
    if n == 0 || n > MOST_POINTS || p == 0 || p > n {
        return Err(words.wrong(format!("点数 {n} 或 p = {p} 不合理；核对首行")));
    }
    let (mut points, mut capacity, mut demand) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        points.push((words.coordinate("横坐标")?, words.coordinate("纵坐标")?));
        let most = words.whole("容量（整数）")?;
        let units = words.whole("需求量（整数）")?;
        let Some(units) = u32::try_from(units).ok().filter(|_| (0..1 << 40).contains(&most)) else {
            return Err(
                words.wrong(format!("容量 {most} 或需求量 {units} 不合理；改成不小于 0 的整数"))
            );
        };
        capacity.push(most);
        demand.push(units);
    }
    Ok(Capacitated { costs: distances(&points, rounding), demand, capacity, p })
}
