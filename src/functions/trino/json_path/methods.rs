//! What item methods give: `.size()`, `.keyvalue()`.

use std::borrow::Cow;

use super::evaluate::{Evaluation, Result, failed, wrong_kind};
use super::item::Kind;
use super::{Item, Method, Number};
use crate::functions::trino::json_text::write_string;

impl<'a> Evaluation<'_, 'a> {
    pub(super) fn method(&self, method: Method, items: Vec<Item<'a>>) -> Result<Vec<Item<'a>>> {
        // These two look at arrays as they are.
        let items = match method {
            Method::Size | Method::Type => items,
            _ => self.unwrapped(items),
        };
        let mut found = vec![];
        for item in items {
            match method {
                Method::Type => found.push(Item::text(item.kind().name())),
                Method::Size => {
                    let size = i64::try_from(self.array(item)?.len()).unwrap_or(i64::MAX);
                    found.push(Item::Number(Number::Integer(size)));
                }
                Method::KeyValue => self.key_values(&item, &mut found)?,
                _ => found.push(Item::Number(computed(method, &item)?)),
            }
        }
        Ok(found)
    }

    fn key_values(&self, object: &Item<'a>, found: &mut Vec<Item<'a>>) -> Result<()> {
        if object.kind() != Kind::Object {
            return Err(wrong_kind("OBJECT", object));
        }
        let id = self.objects.replace(self.objects.get() + 1);
        for (name, value) in object.members() {
            let mut json = "{\"name\":".to_owned();
            write_string(&mut json, &name);
            json.push_str(&format!(",\"value\":{},\"id\":{id}}}", value.written()));
            found.push(Item::Json(Cow::Owned(json)));
        }
        Ok(())
    }
}

fn computed(method: Method, item: &Item) -> Result<Number> {
    if method == Method::Double
        && let Some(text) = item.string()
    {
        let number: Option<f64> = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
        return number.map(Number::Double).ok_or_else(|| failed("text is not a number"));
    }
    let number = item.number().ok_or_else(|| wrong_kind("NUMBER", item))?;
    let computed = match method {
        Method::Abs => number.abs(),
        Method::Ceiling => number.ceiling(),
        Method::Floor => number.floor(),
        _ => Some(Number::Double(number.double())),
    };
    computed.ok_or_else(|| failed("numeric overflow"))
}
