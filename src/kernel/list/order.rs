//! In which order records are listed.

use super::field::{Field, Kind};

/// Most fields of an order.
const MOST: usize = 8;

/// A field that a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The field.
    pub field: &'static Field,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl Order {
    /// Reads `order_by`: fields with commas between them, each with `desc` after it for the
    /// largest first.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn read(text: &str, fields: &'static [Field]) -> Result<Vec<Self>, String> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let mut orders: Vec<Self> = Vec::new();
        for part in text.split(',') {
            let mut words = part.split_whitespace();
            let path = words.next().ok_or("A field is missing between two commas.")?;
            let descending = match (words.next(), words.next()) {
                (None | Some("asc"), None) => false,
                (Some("desc"), None) => true,
                _ => return Err(format!("After {path} only asc or desc may follow.")),
            };
            let field = fields
                .iter()
                .find(|field| field.is_called(path) && field.orders && field.kind != Kind::Texts)
                .ok_or_else(|| format!("The list cannot be ordered by {path}."))?;
            if orders.iter().any(|order| order.field == field) {
                return Err(format!("{path} is named twice."));
            }
            orders.push(Self { field, descending });
        }
        if orders.len() > MOST {
            return Err(format!("At most {MOST} fields can order a list."));
        }
        Ok(orders)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FIELDS: [Field; 3] = [
        Field::integer("id", "r.id"),
        Field::text("name", "r.name"),
        Field::boolean("open", "r.open").only_filters(),
    ];

    fn read(text: &str) -> Result<Vec<(&'static str, bool)>, String> {
        let orders = Order::read(text, &FIELDS)?;
        Ok(orders.iter().map(|order| (order.field.path, order.descending)).collect())
    }

    #[test]
    fn reads_fields_and_directions() {
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(read(" name desc , id "), Ok(vec![("name", true), ("id", false)]));
        assert_eq!(read("name asc"), Ok(vec![("name", false)]));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, message) in [
            ("city", "The list cannot be ordered by city."),
            ("open", "The list cannot be ordered by open."),
            ("name,", "A field is missing between two commas."),
            ("name down", "After name only asc or desc may follow."),
            ("name desc desc", "After name only asc or desc may follow."),
            ("id, id desc", "id is named twice."),
        ] {
            assert_eq!(read(text), Err(message.to_owned()), "{text}");
        }
    }
}
