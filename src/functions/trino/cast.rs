use arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;
pub fn cast(expr: Expr, from: &DataType, to: &DataType, _safe: bool) -> Result<Expr, String> {
    Ok(if from == to { expr } else { datafusion::logical_expr::cast(expr, to.clone()) })
}
pub fn cast_to_length(expr: Expr, from: &DataType, _length: u32, safe: bool) -> Result<Expr, String> {
    cast(expr, from, &DataType::Utf8, safe)
}
