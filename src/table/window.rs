//! The span of event time that a query's filters leave, for pruning objects.

use chrono::{DateTime, Duration, Utc};
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};
use datafusion::scalar::ScalarValue;

use crate::schema::EVENT_TIMESTAMP;
use crate::window::Window;

/// Bounds of event time, each open where nothing is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bounds {
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
}

/// The window that all of `filters` leave, `None` if they bound time on neither side.
pub fn of_filters(filters: &[Expr]) -> Option<Window> {
    let bounds = filters.iter().map(bounds).fold(Bounds::default(), Bounds::both);
    if bounds == Bounds::default() {
        return None;
    }
    // Bounds that exclude each other leave no row; an empty second does as well as any window.
    let first = bounds.first.unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
    let last = bounds.last.unwrap_or(DateTime::<Utc>::MAX_UTC - Duration::days(1));
    Window::inclusive(first, last.max(first)).ok()
}

/// What lies in both windows; a window that is `None` holds all time.
pub fn intersect(a: Option<Window>, b: Option<Window>) -> Option<Window> {
    let (Some(x), Some(y)) = (a, b) else { return a.or(b) };
    let first = x.start().max(y.start());
    Window::inclusive(first, x.last().min(y.last()).max(first)).ok()
}

impl Bounds {
    fn both(self, other: Self) -> Self {
        Self { first: self.first.max(other.first), last: earlier(self.last, other.last) }
    }
}

fn earlier(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn bounds(filter: &Expr) -> Bounds {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => bounds(left).both(bounds(right)),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            if is_event_time(left) {
                time(right).map_or_else(Bounds::default, |time| compared(*op, time))
            } else if is_event_time(right) {
                let swapped = op.swap();
                time(left).zip(swapped).map_or_else(Bounds::default, |(time, op)| compared(op, time))
            } else {
                Bounds::default()
            }
        }
        Expr::Between(Between { expr, negated: false, low, high }) if is_event_time(expr) => {
            Bounds { first: time(low), last: time(high) }
        }
        _ => Bounds::default(),
    }
}

fn compared(op: Operator, time: DateTime<Utc>) -> Bounds {
    match op {
        Operator::Gt | Operator::GtEq => Bounds { first: Some(time), last: None },
        Operator::Lt | Operator::LtEq => Bounds { first: None, last: Some(time) },
        Operator::Eq => Bounds { first: Some(time), last: Some(time) },
        _ => Bounds::default(),
    }
}

fn is_event_time(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(column) if column.name == EVENT_TIMESTAMP)
}

fn time(expr: &Expr) -> Option<DateTime<Utc>> {
    let Expr::Literal(value, _) = expr else { return None };
    match value {
        ScalarValue::TimestampSecond(Some(v), _) => DateTime::from_timestamp(*v, 0),
        ScalarValue::TimestampMillisecond(Some(v), _) => DateTime::from_timestamp_millis(*v),
        ScalarValue::TimestampMicrosecond(Some(v), _) => DateTime::from_timestamp_micros(*v),
        ScalarValue::TimestampNanosecond(Some(v), _) => Some(DateTime::from_timestamp_nanos(*v)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::prelude::{col, lit};

    fn at(second: i64) -> Expr {
        lit(ScalarValue::TimestampMillisecond(Some(second * 1000), Some("UTC".into())))
    }

    fn seconds(filters: &[Expr]) -> Option<(i64, i64)> {
        of_filters(filters).map(|window| (window.start().timestamp(), window.last().timestamp()))
    }

    #[test]
    fn filters_bound_the_window() {
        let time = || col(EVENT_TIMESTAMP);
        assert_eq!(seconds(&[time().gt_eq(at(10)), time().lt(at(20))]), Some((10, 20)));
        assert_eq!(seconds(&[at(10).lt_eq(time()).and(at(20).gt(time()))]), Some((10, 20)));
        assert_eq!(seconds(&[time().between(at(10), at(20)), time().lt(at(15))]), Some((10, 15)));
        assert_eq!(seconds(&[time().eq(at(10))]), Some((10, 10)));
        assert_eq!(seconds(&[time().gt(at(20)), time().lt(at(10))]), Some((20, 20)));
        assert_eq!(seconds(&[time().gt(at(20)).or(time().lt(at(10)))]), None);
        assert_eq!(seconds(&[time().not_eq(at(20)), col("eventname").gt(at(5))]), None);
    }
}
