//! The lazy document: an object is addressed by (revision, object) and parsed when asked for.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::chain::{Chain, Layer};
use crate::error::PdfError;
use crate::filter::{self, FilterFault};
use crate::limits::Limits;
use crate::object::{Dictionary, Object, ObjectId, Stream};
use crate::parser::{Fault, Parser};
use crate::xref::{XrefEntry, stream_range};

/// Where an object's bytes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    File {
        offset: usize,
        generation: u16,
        /// End of the revision that says so: the object may not reach beyond.
        bound: usize,
    },
    Compressed {
        container: usize,
        index: u32,
        bound: usize,
    },
}

/// The contents of an object stream.
#[derive(Debug)]
struct Container {
    data: Vec<u8>,
    objects: Vec<(u32, usize)>,
}

/// A file under inspection.
pub(crate) struct Document<'a> {
    pub bytes: &'a [u8],
    pub limits: &'a Limits,
    pub layers: Vec<Layer>,
    anomalies: RefCell<Vec<Anomaly>>,
    objects: RefCell<HashMap<(u32, Place), Option<Object>>>,
    containers: RefCell<HashMap<usize, Option<Arc<Container>>>>,
    cached: Cell<usize>,
    parsed: Cell<usize>,
    inflated: Cell<usize>,
}

/// Source bytes of parsed objects that are kept.
const MAX_CACHED: usize = 32 << 20;
/// What looking an object up in one revision counts for, in bytes parsed.
const PROBE: usize = 8;
/// References that may lead to references.
const MAX_HOPS: usize = 16;
/// Anomalies that are listed.
const MAX_ANOMALIES: usize = 100;

impl<'a> Document<'a> {
    pub fn open(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, PdfError> {
        if bytes.len() > limits.max_file_bytes {
            return Err(PdfError::LimitExceeded("max_file_bytes"));
        }
        let header = header(bytes).ok_or(PdfError::NotPdf)?;
        let Chain { layers, mut anomalies } = Chain::read(bytes, limits)?;
        if header > 0 {
            anomalies.push(Anomaly::new(
                AnomalyKind::LeadingBytes,
                format!("{header} bytes before the header"),
            ));
        }
        Ok(Self {
            bytes,
            limits,
            layers,
            anomalies: RefCell::new(anomalies),
            objects: RefCell::default(),
            containers: RefCell::default(),
            cached: Cell::new(0),
            parsed: Cell::new(0),
            inflated: Cell::new(0),
        })
    }

    /// The newest revision.
    pub fn current(&self) -> usize {
        self.layers.len().saturating_sub(1)
    }

    pub fn trailer(&self, revision: usize) -> Arc<Dictionary> {
        self.layers
            .get(revision)
            .map(|layer| layer.trailer.clone())
            .unwrap_or_default()
    }

    pub fn note(&self, kind: AnomalyKind, detail: String) {
        let anomaly = Anomaly::new(kind, detail);
        let mut anomalies = self.anomalies.borrow_mut();
        if anomalies.len() < MAX_ANOMALIES && !anomalies.contains(&anomaly) {
            anomalies.push(anomaly);
        }
    }

    pub fn anomalies(&self) -> Vec<Anomaly> {
        self.anomalies.borrow().clone()
    }

    /// Where `number` stands as of `revision`. `None` if it is free or unknown.
    pub fn place(&self, revision: usize, number: u32) -> Option<Place> {
        match self.entry(revision, number)? {
            (XrefEntry::File { offset, generation }, bound) => Some(Place::File {
                offset,
                generation,
                bound,
            }),
            (XrefEntry::Compressed { container, index }, _) => match self.entry(revision, container)? {
                (XrefEntry::File { offset, .. }, bound) => Some(Place::Compressed {
                    container: offset,
                    index,
                    bound,
                }),
                _ => None,
            },
            (XrefEntry::Free | XrefEntry::Broken, _) => None,
        }
    }

    fn entry(&self, revision: usize, number: u32) -> Option<(XrefEntry, usize)> {
        let layers = self.layers.get(..=revision)?;
        layers.iter().rev().find_map(|layer| {
            self.parsed.set(self.parsed.get().saturating_add(PROBE));
            Some((*layer.entries.get(&number)?, layer.eof))
        })
    }

    /// Whether any revision up to this one ever gave the number an object.
    pub fn defined(&self, revision: usize, number: u32) -> bool {
        let layers = self.layers.get(..=revision).unwrap_or(&self.layers);
        layers.iter().any(|layer| {
            layer
                .entries
                .get(&number)
                .is_some_and(|entry| *entry != XrefEntry::Free)
        })
    }

    /// Objects whose place may differ between `revision` and the one before.
    pub fn touched(&self, revision: usize) -> BTreeSet<u32> {
        let Some(layer) = self.layers.get(revision) else {
            return BTreeSet::new();
        };
        let mut touched: BTreeSet<u32> = layer.entries.keys().copied().collect();
        for older in self.layers.get(..revision).unwrap_or_default() {
            let inside = older.entries.iter().filter(|(_, entry)| {
                matches!(entry, XrefEntry::Compressed { container, .. } if layer.entries.contains_key(container))
            });
            touched.extend(inside.map(|(number, _)| *number));
        }
        touched
    }

    /// The object `number` as of `revision`, whatever its generation.
    pub fn object(&self, revision: usize, number: u32) -> Result<Option<Object>, PdfError> {
        match self.place(revision, number) {
            Some(place) => self.at(revision, number, place),
            None => Ok(None),
        }
    }

    /// The object that `id` refers to as of `revision`; null if there is none.
    pub fn fetch(&self, revision: usize, id: ObjectId) -> Result<Object, PdfError> {
        let Some(place) = self.place(revision, id.0) else {
            return Ok(Object::Null);
        };
        let generation = match place {
            Place::File { generation, .. } => generation,
            Place::Compressed { .. } => 0,
        };
        if generation != id.1 {
            return Ok(Object::Null);
        }
        Ok(self.at(revision, id.0, place)?.unwrap_or(Object::Null))
    }

    /// Follows references until there is a value.
    pub fn resolve(&self, revision: usize, value: &Object) -> Result<Object, PdfError> {
        let mut value = value.clone();
        for _ in 0..MAX_HOPS {
            match value {
                Object::Reference(id) => value = self.fetch(revision, id)?,
                _ => return Ok(value),
            }
        }
        Ok(Object::Null)
    }

    /// The resolved value of a dictionary key; null if there is none.
    pub fn value(&self, revision: usize, dictionary: &Dictionary, key: &str) -> Result<Object, PdfError> {
        match dictionary.find(key) {
            Some(value) => self.resolve(revision, value),
            None => Ok(Object::Null),
        }
    }

    pub fn dictionary(
        &self,
        revision: usize,
        dictionary: &Dictionary,
        key: &str,
    ) -> Result<Option<Arc<Dictionary>>, PdfError> {
        Ok(self.value(revision, dictionary, key)?.as_dictionary().cloned())
    }

    /// The document catalogue.
    pub fn catalog(&self, revision: usize) -> Result<Option<Arc<Dictionary>>, PdfError> {
        self.dictionary(revision, &self.trailer(revision), "Root")
    }

    fn at(&self, revision: usize, number: u32, place: Place) -> Result<Option<Object>, PdfError> {
        if let Some(known) = self.objects.borrow().get(&(number, place)) {
            self.spend(0)?;
            return Ok(known.clone());
        }
        let (object, span) = match place {
            Place::File {
                offset,
                generation,
                bound,
            } => self.in_file((number, generation), offset, bound)?,
            Place::Compressed {
                container,
                index,
                bound,
            } => self.in_container(revision, number, container, index, bound)?,
        };
        let cached = self.cached.get().saturating_add(span).saturating_add(64);
        if cached <= MAX_CACHED {
            self.cached.set(cached);
            self.objects.borrow_mut().insert((number, place), object.clone());
        }
        Ok(object)
    }

    pub fn spend(&self, span: usize) -> Result<usize, PdfError> {
        let parsed = self.parsed.get().saturating_add(span);
        self.parsed.set(parsed);
        if parsed > self.limits.max_parsed_bytes {
            return Err(PdfError::LimitExceeded("max_parsed_bytes"));
        }
        Ok(span)
    }

    fn in_file(&self, id: ObjectId, offset: usize, bound: usize) -> Result<(Option<Object>, usize), PdfError> {
        let bytes = self.bytes.get(..bound).unwrap_or(self.bytes);
        let mut parser = Parser::new(bytes, offset, self.limits);
        let result = parser.indirect();
        let span = self.spend(parser.pos.saturating_sub(offset))?;
        match result {
            Ok((found, object)) if found == id => return Ok((Some(object), span)),
            Ok((found, _)) => self.note(
                AnomalyKind::XrefEntryWrong,
                format!(
                    "object {} {} should be at byte {offset}, where {} {} is",
                    id.0, id.1, found.0, found.1
                ),
            ),
            Err(Fault::Syntax) => self.note(
                AnomalyKind::ObjectDamaged,
                format!("object {} {} at byte {offset}", id.0, id.1),
            ),
            Err(Fault::Limit(limit)) => return Err(PdfError::LimitExceeded(limit)),
        }
        Ok((None, span))
    }

    fn in_container(
        &self,
        revision: usize,
        number: u32,
        offset: usize,
        index: u32,
        bound: usize,
    ) -> Result<(Option<Object>, usize), PdfError> {
        let wrong = || {
            self.note(
                AnomalyKind::XrefEntryWrong,
                format!("object {number} is not number {index} of the object stream at byte {offset}"),
            );
        };
        let Some(container) = self.container(revision, offset, bound)? else {
            wrong();
            return Ok((None, 0));
        };
        let entry = container
            .objects
            .get(usize::try_from(index).unwrap_or(usize::MAX))
            .filter(|(found, _)| *found == number);
        let Some((_, start)) = entry else {
            wrong();
            return Ok((None, 0));
        };
        let mut parser = Parser::new(&container.data, *start, self.limits);
        let result = parser.object();
        let span = self.spend(parser.pos.saturating_sub(*start))?;
        match result {
            Ok(object) => Ok((Some(object), span)),
            Err(Fault::Limit(limit)) => Err(PdfError::LimitExceeded(limit)),
            Err(Fault::Syntax) => {
                self.note(
                    AnomalyKind::ObjectDamaged,
                    format!("object {number} in the object stream at byte {offset}"),
                );
                Ok((None, span))
            }
        }
    }

    fn container(&self, revision: usize, offset: usize, bound: usize) -> Result<Option<Arc<Container>>, PdfError> {
        if let Some(known) = self.containers.borrow().get(&offset) {
            return Ok(known.clone());
        }
        // Marked as unusable while it is being read, so that one that lies in itself is not followed.
        self.containers.borrow_mut().insert(offset, None);
        let container = self.read_container(revision, offset, bound)?.map(Arc::new);
        self.containers.borrow_mut().insert(offset, container.clone());
        Ok(container)
    }

    fn read_container(&self, revision: usize, offset: usize, bound: usize) -> Result<Option<Container>, PdfError> {
        let bytes = self.bytes.get(..bound).unwrap_or(self.bytes);
        let mut parser = Parser::new(bytes, offset, self.limits);
        let Ok((_, Object::Stream(stream))) = parser.indirect() else {
            return Ok(None);
        };
        let unsigned = |key| {
            let value = stream.dictionary.find(key)?.as_integer()?;
            usize::try_from(value).ok()
        };
        let typed = stream.dictionary.find("Type").is_some_and(|t| t.is_name("ObjStm"));
        let (Some(count), Some(first), true) = (unsigned("N"), unsigned("First"), typed) else {
            return Ok(None);
        };
        if count > self.limits.max_items {
            return Err(PdfError::LimitExceeded("max_items"));
        }
        let Some(data) = self.decoded(revision, &stream)? else {
            return Ok(None);
        };
        let mut parser = Parser::new(&data, 0, self.limits);
        let mut objects = Vec::new();
        for _ in 0..count {
            parser.skip_space();
            let number = parser.unsigned().and_then(|n| u32::try_from(n).ok());
            parser.skip_space();
            let start = parser.unsigned().and_then(|n| usize::try_from(n).ok());
            let start = start.and_then(|start| start.checked_add(first));
            let Some(pair) = number.zip(start) else {
                return Ok(None);
            };
            objects.push(pair);
        }
        self.spend(parser.pos)?;
        Ok(Some(Container { data, objects }))
    }

    /// The range of a stream's raw data in the file.
    pub fn stream_range(&self, revision: usize, stream: &Stream) -> Result<Option<Range<usize>>, PdfError> {
        let length = self
            .value(revision, &stream.dictionary, "Length")?
            .as_integer()
            .and_then(|length| usize::try_from(length).ok());
        let Some((range, right)) = stream_range(self.bytes, stream, length) else {
            self.note(
                AnomalyKind::ObjectDamaged,
                format!("the stream data at byte {} does not end", stream.start),
            );
            self.spend(self.bytes.len().saturating_sub(stream.start))?;
            return Ok(None);
        };
        if !right {
            self.spend(range.len())?;
            self.note(
                AnomalyKind::StreamLength,
                format!("of the stream data at byte {}", stream.start),
            );
        }
        Ok(Some(range))
    }

    /// The decoded data of a stream; `None` if it is damaged or uses another filter.
    pub fn decoded(&self, revision: usize, stream: &Stream) -> Result<Option<Vec<u8>>, PdfError> {
        let Some(range) = self.stream_range(revision, stream)? else {
            return Ok(None);
        };
        let data = self.bytes.get(range).unwrap_or_default();
        match filter::decode(&stream.dictionary, data, self.limits.max_stream_bytes) {
            Ok(data) => {
                let inflated = self.inflated.get().saturating_add(data.len());
                self.inflated.set(inflated);
                if inflated > self.limits.max_inflated_bytes {
                    return Err(PdfError::LimitExceeded("max_inflated_bytes"));
                }
                Ok(Some(data))
            }
            Err(FilterFault::TooLarge) => Err(PdfError::LimitExceeded("max_stream_bytes")),
            Err(FilterFault::Damaged | FilterFault::Unsupported) => Ok(None),
        }
    }

    /// Whether two values, each of its own revision, are the same; references are compared, not followed.
    pub fn same(&self, old: (usize, &Object), new: (usize, &Object)) -> Result<bool, PdfError> {
        let (Object::Stream(a), Object::Stream(b)) = (old.1, new.1) else {
            return Ok(old.1 == new.1);
        };
        let keys = a.dictionary.differing(&b.dictionary);
        if keys.iter().any(|key| *key != b"Length") {
            return Ok(false);
        }
        let (a, b) = (self.stream_range(old.0, a)?, self.stream_range(new.0, b)?);
        Ok(match a.zip(b) {
            Some((a, b)) => {
                self.spend(a.len().min(b.len()) / 8)?;
                self.bytes.get(a) == self.bytes.get(b)
            }
            None => false,
        })
    }
}

/// Where the `%PDF-` header begins.
pub(crate) fn header(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..bytes.len().min(1024))?;
    crate::xref::find(head, b"%PDF-", 0)
}
