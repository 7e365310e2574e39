//! `member_values(structs, name)`: a member of each struct of a list.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, AsArray, ListArray};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility, lit,
};
use datafusion::scalar::ScalarValue;

/// `member_values(structs struct[], name varchar) -> varchar[]`: the member of this name of each
/// struct; `NULL` for those without.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct MemberValues {
    signature: Signature,
}

impl Default for MemberValues {
    fn default() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

/// A call of the function.
pub fn member_values(structs: Expr, name: String) -> Expr {
    static FUNCTION: LazyLock<ScalarUDF> = LazyLock::new(|| MemberValues::default().into());
    FUNCTION.call(vec![structs, lit(name)])
}

impl ScalarUDFImpl for MemberValues {
    fn name(&self) -> &str {
        "member_values"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        plan_err!("the type of member_values depends on its arguments")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let name =
            args.scalar_arguments.get(1).copied().flatten().and_then(ScalarValue::try_as_str).flatten();
        let (DataType::List(item), Some(name)) = (args.arg_fields[0].data_type(), name) else {
            return plan_err!("member_values needs a list of structs and a constant name");
        };
        let DataType::Struct(members) = item.data_type() else {
            return plan_err!("member_values needs a list of structs");
        };
        let Some(member) = members.iter().find(|member| member.name() == name) else {
            return plan_err!("the structs have no member '{name}'");
        };
        let item = item.as_ref().clone().with_data_type(member.data_type().clone());
        Ok(Arc::new(args.arg_fields[0].as_ref().clone().with_data_type(DataType::List(Arc::new(item)))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let lists = args.args[0].to_array(args.number_rows)?;
        let lists = lists.as_list::<i32>();
        let (ColumnarValue::Scalar(name), DataType::List(item)) =
            (&args.args[1], args.return_field.data_type())
        else {
            return exec_err!("member_values needs a constant name");
        };
        let structs = lists.values().as_struct();
        let Some(values) = name.try_as_str().flatten().and_then(|name| structs.column_by_name(name)) else {
            return exec_err!("the structs have no member {name}");
        };
        // Members of what is no struct are NULL already: so the decoder builds them.
        let (offsets, nulls) = (lists.offsets().clone(), Array::nulls(lists).cloned());
        Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
            Arc::clone(item),
            offsets,
            Arc::clone(values),
            nulls,
        )?)))
    }
}
