//! Which columns, and which members of structs, a scan's expressions touch.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};

use crate::decode::columns::Members;
use crate::decode::record::Projection;
use crate::schema::COLUMNS;

/// The projection that serves all of `exprs`.
pub fn projection<'a>(exprs: impl IntoIterator<Item = &'a Arc<dyn PhysicalExpr>>) -> Projection {
    let mut wanted = BTreeMap::new();
    exprs.into_iter().for_each(|expr| collect(expr, &mut wanted));
    Projection(wanted.into_iter().collect())
}

fn collect(expr: &Arc<dyn PhysicalExpr>, wanted: &mut BTreeMap<usize, Members>) {
    let Some((column, path)) = field_path(expr) else {
        expr.children().into_iter().for_each(|child| collect(child, wanted));
        return;
    };
    let Some(position) = COLUMNS.iter().position(|known| known.name == column) else { return };
    if path.is_empty() {
        wanted.insert(position, None);
    } else if let Some(paths) = wanted.entry(position).or_insert_with(|| Some(vec![])) {
        paths.push(path);
    }
}

/// The column, and the member of it, that a chain of field accesses reaches.
fn field_path(expr: &Arc<dyn PhysicalExpr>) -> Option<(&str, Vec<String>)> {
    if let Some(column) = expr.downcast_ref::<Column>() {
        return Some((column.name(), vec![]));
    }
    let call = expr.downcast_ref::<ScalarFunctionExpr>().filter(|call| call.name() == "get_field")?;
    let (inner, names) = call.args().split_first()?;
    let (column, mut path) = field_path(inner)?;
    for name in names {
        let name = name.downcast_ref::<Literal>()?.value().try_as_str()??;
        path.push(name.to_owned());
    }
    Some((column, path))
}
