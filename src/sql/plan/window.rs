//! Window functions.

use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{Expr, WindowFrame, WindowFrameBound, WindowFrameUnits, cast};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{
    self, NamedWindowDefinition, NamedWindowExpr, Spanned, WindowSpec, WindowType,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::call::Call;
use super::scope::{Clause, Scope};
use super::{Planner, Result, Typed, canonical, error, mismatch, syntax, unsupported};
use crate::functions::trino::function::Function;
use crate::functions::trino::types::type_name;
use crate::sql::ErrorCode;

impl Planner<'_> {
    pub(super) fn window_call(&self, function: &Function, call: &Call, scope: &Scope) -> Result<Typed> {
        if scope.clause != Clause::Select {
            let name = &call.name;
            return Err(syntax(
                call.at,
                format!("Window functions such as {name} belong in SELECT and ORDER BY"),
            ));
        }
        if !call.order_by.is_empty() {
            return Err(unsupported(call.at, "Window function with ORDER BY"));
        }
        // Aggregates inside a window are those of its query's groups.
        let inner = scope.within(Clause::Having);
        let values = self.call_values(call, &inner)?;
        let types: Vec<_> = values.iter().map(|value| value.data_type.clone()).collect();
        let (fun, targets, returns) = function
            .window(&types)
            .map_err(|message| error(ErrorCode::FunctionNotFound, call.at, message))?;
        let Some(WindowType::WindowSpec(spec)) = call.over else {
            return Err(syntax(call.at, "The window is not defined"));
        };
        check_offset(call, &values)?;
        let partition_by = spec.partition_by.iter().map(|expr| Ok(self.expr(expr, &inner)?.expr));
        let order_by = self.sort_keys(&spec.order_by, &inner)?;
        let params = WindowFunctionParams {
            args: self.cast_all(values, &targets, call.at)?,
            partition_by: partition_by.collect::<Result<_>>()?,
            window_frame: self.frame(spec, call.at, &inner)?,
            order_by,
            filter: call
                .filter
                .map(|filter| self.condition(filter, "FILTER", &inner))
                .transpose()?
                .map(Box::new),
            null_treatment: call.nulls,
            distinct: call.distinct,
        };
        // DataFusion counts in types that Trino does not have.
        let window = Expr::WindowFunction(Box::new(WindowFunction { fun, params }));
        Ok(Typed::new(cast(window, returns.clone()), returns))
    }

    /// Up to the current row and its peers, unless said otherwise; everything where there is no order.
    fn frame(&self, spec: &WindowSpec, at: Span, scope: &Scope) -> Result<WindowFrame> {
        let Some(frame) = &spec.window_frame else {
            return Ok(WindowFrame::new((!spec.order_by.is_empty()).then_some(false)));
        };
        let (units, count) = match frame.units {
            ast::WindowFrameUnits::Rows => (WindowFrameUnits::Rows, true),
            ast::WindowFrameUnits::Groups => (WindowFrameUnits::Groups, true),
            ast::WindowFrameUnits::Range => (WindowFrameUnits::Range, false),
        };
        check_ends(&frame.start_bound, frame.end_bound.as_ref(), at)?;
        if !count {
            self.check_range(spec, frame, at, scope)?;
        }
        let start = self.bound(&frame.start_bound, count, scope)?;
        let end = match &frame.end_bound {
            Some(end) => self.bound(end, count, scope)?,
            None => WindowFrameBound::CurrentRow,
        };
        Ok(WindowFrame::new_bounds(units, start, end))
    }

    /// A distance along the order is one of numbers or times.
    fn check_range(
        &self,
        spec: &WindowSpec,
        frame: &ast::WindowFrame,
        at: Span,
        scope: &Scope,
    ) -> Result<()> {
        let is_distance = |bound: &ast::WindowFrameBound| matches!(place(bound), 1 | 3);
        if !is_distance(&frame.start_bound) && !frame.end_bound.as_ref().is_some_and(is_distance) {
            return Ok(());
        }
        let what = "Window frame of type RANGE PRECEDING or FOLLOWING requires";
        let [item] = spec.order_by.as_slice() else {
            let count = spec.order_by.len();
            let message = format!("{what} single sort item in ORDER BY (actual: {count})");
            return Err(error(ErrorCode::InvalidWindowFrame, at, message));
        };
        let data_type = self.expr(&item.expr, scope)?.data_type;
        if data_type.is_numeric() || data_type.is_temporal() {
            return Ok(());
        }
        let actual = type_name(&data_type);
        let message =
            format!("{what} that sort item type be numeric, datetime or interval (actual: {actual})");
        Err(mismatch(item.expr.span(), message))
    }

    fn bound(&self, bound: &ast::WindowFrameBound, count: bool, scope: &Scope) -> Result<WindowFrameBound> {
        let offset = |offset: &Option<Box<ast::Expr>>| -> Result<ScalarValue> {
            let Some(offset) = offset else {
                return Ok(if count { ScalarValue::UInt64(None) } else { ScalarValue::Null });
            };
            let value = self.expr(offset, scope)?;
            let literal = match value.expr {
                Expr::Literal(literal, _) => literal,
                _ => return Err(syntax(offset.span(), "A window frame's offset must be a constant")),
            };
            if !count {
                return Ok(literal);
            }
            let number = literal.to_string().parse::<u64>();
            let number = number
                .map_err(|_| syntax(offset.span(), "A window frame's offset must be a number, 0 or more"))?;
            Ok(ScalarValue::UInt64(Some(number)))
        };
        Ok(match bound {
            ast::WindowFrameBound::CurrentRow => WindowFrameBound::CurrentRow,
            ast::WindowFrameBound::Preceding(expr) => WindowFrameBound::Preceding(offset(expr)?),
            ast::WindowFrameBound::Following(expr) => WindowFrameBound::Following(offset(expr)?),
        })
    }
}

/// Numbers of rows are constants, and not too small (Trino: "Value functions", "Ranking functions").
fn check_offset(call: &Call, values: &[Typed]) -> Result<()> {
    let (offset, least, what) = match call.name.as_str() {
        "ntile" => (values.first(), 1, "Buckets must be greater than 0"),
        "nth_value" => (values.get(1), 1, "Offset must be at least 1"),
        "lag" | "lead" => (values.get(1), 0, "Offset must be at least 0"),
        _ => return Ok(()),
    };
    let given = match offset.map(|offset| &offset.expr) {
        None => return Ok(()),
        Some(Expr::Literal(literal, _)) => literal.to_string().parse::<i64>().ok(),
        Some(_) => {
            let message = format!("{} takes a constant for its number of rows", call.name);
            return Err(error(ErrorCode::NotSupported, call.at, message));
        }
    };
    match given {
        Some(given) if given < least => Err(error(ErrorCode::InvalidFunctionArgument, call.at, what)),
        _ => Ok(()),
    }
}

/// Where a frame's end lies: 0 the partition's first row, 2 the current one, 4 the last.
fn place(bound: &ast::WindowFrameBound) -> u8 {
    match bound {
        ast::WindowFrameBound::Preceding(None) => 0,
        ast::WindowFrameBound::Preceding(Some(_)) => 1,
        ast::WindowFrameBound::CurrentRow => 2,
        ast::WindowFrameBound::Following(Some(_)) => 3,
        ast::WindowFrameBound::Following(None) => 4,
    }
}

/// A frame does not end before it starts.
fn check_ends(start: &ast::WindowFrameBound, end: Option<&ast::WindowFrameBound>, at: Span) -> Result<()> {
    let names = ["UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"];
    let name = |place: u8| names.get(usize::from(place)).copied().unwrap_or_default();
    let (start, end) = (place(start), end.map_or(2, place));
    let message = match (start, end) {
        (4, _) => format!("Window frame start cannot be {}", name(4)),
        (_, 0) => format!("Window frame end cannot be {}", name(0)),
        _ if end < start => {
            format!("Window frame starting from {} cannot end with {}", name(start), name(end))
        }
        _ => return Ok(()),
    };
    Err(error(ErrorCode::InvalidWindowFrame, at, message))
}

/// Replaces names of windows (`WINDOW w AS (…)`) by what they stand for.
pub(super) fn with_named_windows(expr: &ast::Expr, windows: &[NamedWindowDefinition]) -> Result<ast::Expr> {
    use std::ops::ControlFlow;
    let mut expr = expr.clone();
    let replaced = ast::visit_expressions_mut(&mut expr, |expr| {
        let ast::Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        let Some(over) = &mut function.over else { return ControlFlow::Continue(()) };
        match resolved(over, windows) {
            Ok(spec) => {
                *over = WindowType::WindowSpec(spec);
                ControlFlow::Continue(())
            }
            Err(unknown) => ControlFlow::Break(unknown),
        }
    });
    match replaced {
        ControlFlow::Continue(()) => Ok(expr),
        ControlFlow::Break(unknown) => Err(unknown),
    }
}

fn resolved(over: &WindowType, windows: &[NamedWindowDefinition]) -> Result<WindowSpec> {
    let (name, own) = match over {
        WindowType::NamedWindow(name) => (name, None),
        WindowType::WindowSpec(spec) => match &spec.window_name {
            Some(name) => (name, Some(spec)),
            None => return Ok(spec.clone()),
        },
    };
    // A window may build on one that was defined before it.
    let position = windows.iter().position(|window| canonical(&window.0) == canonical(name));
    let Some((before, NamedWindowDefinition(_, defined))) =
        position.and_then(|position| Some((&windows[..position], windows.get(position)?)))
    else {
        return Err(syntax(name.span, format!("Cannot resolve WINDOW name {}", name.value)));
    };
    let mut spec = match defined {
        NamedWindowExpr::NamedWindow(other) => resolved(&WindowType::NamedWindow(other.clone()), before)?,
        NamedWindowExpr::WindowSpec(spec) => resolved(&WindowType::WindowSpec(spec.clone()), before)?,
    };
    if let Some(own) = own {
        if !own.order_by.is_empty() {
            spec.order_by.clone_from(&own.order_by);
        }
        spec.window_frame = own.window_frame.clone().or(spec.window_frame);
    }
    Ok(spec)
}
