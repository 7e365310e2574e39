use arrow::datatypes::DataType;
use datafusion::logical_expr::{AggregateUDF, Expr, WindowFunctionDefinition};
use std::sync::Arc;
pub struct Function {
    pub kind: FunctionKind,
}
#[derive(PartialEq)]
pub enum FunctionKind {
    Scalar,
    Aggregate,
    Window,
    HigherOrder,
}
pub fn lookup(_: &str) -> Option<&'static Function> {
    None
}
pub fn names() -> impl Iterator<Item = &'static str> {
    [].into_iter()
}
impl Function {
    pub fn scalar(&self, _: Vec<Expr>, _: &[DataType], _: bool) -> Result<(Expr, DataType), String> {
        todo!()
    }
    pub fn aggregate(&self, _: &[DataType]) -> Result<(Arc<AggregateUDF>, Vec<DataType>, DataType), String> {
        todo!()
    }
    pub fn window(
        &self,
        _: &[DataType],
    ) -> Result<(WindowFunctionDefinition, Vec<DataType>, DataType), String> {
        todo!()
    }
    pub fn lambda_parameters(&self, _: &[Option<DataType>], _: usize) -> Result<Vec<DataType>, String> {
        todo!()
    }
    pub fn higher_order(&self, _: Vec<Expr>, _: &[DataType], _: bool) -> Result<(Expr, DataType), String> {
        todo!()
    }
}
