//! The interactive form of one revision: its terminal fields, with inherited type and value.

use std::collections::HashSet;
use std::sync::Arc;

use crate::document::Document;
use crate::error::PdfError;
use crate::object::{Dictionary, Object, ObjectId};

/// A terminal form field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// `None` if the field dictionary is not an object of its own.
    pub id: Option<ObjectId>,
    /// Fully qualified name.
    pub name: String,
    pub signature: bool,
    /// The value as it is written: usually a reference. Null if there is none.
    pub value: Object,
    /// The widgets: the field itself if it is merged with its only one.
    pub widgets: Vec<Object>,
}

struct Node {
    object: Object,
    name: String,
    kind: Option<Object>,
    value: Object,
    depth: usize,
}

impl Document<'_> {
    /// The form dictionary.
    pub fn form(&self, revision: usize) -> Result<Option<Arc<Dictionary>>, PdfError> {
        match self.catalog(revision)? {
            Some(catalog) => self.dictionary(revision, &catalog, "AcroForm"),
            None => Ok(None),
        }
    }

    /// All terminal fields of a revision.
    ///
    /// # Errors
    /// [`PdfError::Cyclic`] if a field is its own descendant or occurs twice.
    pub fn fields(&self, revision: usize) -> Result<Vec<Field>, PdfError> {
        let Some(form) = self.form(revision)? else {
            return Ok(Vec::new());
        };
        let roots = self.value(revision, &form, "Fields")?;
        let mut fields = Vec::new();
        let mut seen = HashSet::new();
        let mut visited = 0_usize;
        let mut stack: Vec<Node> = roots
            .as_array()
            .unwrap_or_default()
            .iter()
            .rev()
            .map(|root| Node {
                object: root.clone(),
                name: String::new(),
                kind: None,
                value: Object::Null,
                depth: 0,
            })
            .collect();
        while let Some(node) = stack.pop() {
            visited += 1;
            if visited > self.limits.max_fields || node.depth > self.limits.max_depth {
                return Err(PdfError::LimitExceeded("max_fields"));
            }
            let id = node.object.as_reference();
            if id.is_some_and(|id| !seen.insert(id.0)) {
                return Err(PdfError::Cyclic("form field tree"));
            }
            let Object::Dictionary(dictionary) = self.resolve(revision, &node.object)? else {
                continue;
            };
            self.visit(revision, node, dictionary, &mut stack, &mut fields)?;
        }
        Ok(fields)
    }

    /// Fields and widgets of a revision that wait for a signature.
    pub fn empty_fields(&self, revision: usize) -> Result<Vec<ObjectId>, PdfError> {
        let fields = match self.fields(revision) {
            Ok(fields) => fields,
            Err(error @ PdfError::LimitExceeded(_)) => return Err(error),
            Err(_) => return Ok(Vec::new()),
        };
        let mut empty = Vec::new();
        for field in fields.iter().filter(|field| field.signature) {
            let value = self.resolve(revision, &field.value)?;
            if matches!(value, Object::Null) {
                empty.extend(field.id);
                empty.extend(field.widgets.iter().filter_map(Object::as_reference));
            }
        }
        Ok(empty)
    }

    fn visit(
        &self,
        revision: usize,
        node: Node,
        dictionary: Arc<Dictionary>,
        stack: &mut Vec<Node>,
        fields: &mut Vec<Field>,
    ) -> Result<(), PdfError> {
        let mut name = node.name;
        if let Some(partial) = self.value(revision, &dictionary, "T")?.as_text() {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(&partial);
            if name.len() > 4096 {
                return Err(PdfError::LimitExceeded("max_fields"));
            }
        }
        let kind = match self.value(revision, &dictionary, "FT")? {
            Object::Null => node.kind,
            own => Some(own),
        };
        let value = dictionary.find("V").cloned().unwrap_or(node.value);
        let kids = self.value(revision, &dictionary, "Kids")?;
        let mut widgets = Vec::new();
        for kid in kids.as_array().unwrap_or_default().iter().rev() {
            let is_field = self
                .resolve(revision, kid)?
                .as_dictionary()
                .is_some_and(|kid| kid.find("T").is_some() || kid.find("Kids").is_some());
            if is_field {
                stack.push(Node {
                    object: kid.clone(),
                    name: name.clone(),
                    kind: kind.clone(),
                    value: value.clone(),
                    depth: node.depth + 1,
                });
            } else {
                widgets.push(kid.clone());
            }
        }
        let has_kids = kids.as_array().is_some_and(|kids| !kids.is_empty());
        if has_kids && widgets.is_empty() {
            return Ok(());
        }
        if !has_kids {
            widgets.push(node.object.clone());
        }
        fields.push(Field {
            id: node.object.as_reference(),
            name,
            signature: kind.is_some_and(|kind| kind.is_name("Sig")),
            value,
            widgets,
        });
        Ok(())
    }
}
