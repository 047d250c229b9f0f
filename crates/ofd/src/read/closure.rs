//! The closure: every file a document comes to, followed from `OFD.xml`.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{MAIN, PageRef, Reached};
use crate::deviation::{self, Deviation, Kind};
use crate::xml::{self, Document, Node, Scope};
use crate::{Limits, Package, PackageError, location};

/// In which role a document uses a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Role {
    /// `OFD.xml` itself.
    Main,
    /// The document root.
    DocRoot,
    /// A version's description.
    Version,
    /// A file that a version lists.
    VersionFile,
    /// The cover picture.
    Cover,
    /// Resources of the document or of a page (`PublicRes`, `DocumentRes`, `PageRes`).
    Resources,
    /// A font file.
    Font,
    /// A picture, sound or film.
    Media,
    /// A colour profile.
    ColorProfile,
    /// A template page.
    Template,
    /// A page.
    Page,
    /// The list of annotations.
    AnnotationList,
    /// A page's annotations.
    Annotations,
    /// The list of custom tags.
    TagList,
    /// The schema of custom tags.
    TagSchema,
    /// A file of custom tags: field names and the objects that show them.
    Tags,
    /// The list of attachments.
    AttachmentList,
    /// An attachment.
    Attachment,
    /// The list of extensions.
    ExtensionList,
    /// Data of an extension.
    Extension,
    /// The list of signatures.
    SignatureList,
    /// A signature's description.
    Signature,
    /// A signature's value.
    SignedValue,
    /// A signature's seal.
    Seal,
    /// A seal's picture.
    SealImage,
}

impl Role {
    /// Tells whether the reader parses files of this role; such a file can have one role only.
    fn parsed(self) -> bool {
        use Role::{AnnotationList, AttachmentList, DocRoot, ExtensionList, Main, Page, Resources};
        use Role::{Annotations, Signature, SignatureList, TagList, Template, Version};
        matches!(
            self,
            Main | DocRoot
                | Version
                | Resources
                | Template
                | Page
                | AnnotationList
                | Annotations
                | TagList
                | AttachmentList
                | ExtensionList
                | SignatureList
                | Signature
        )
    }
}

/// The state of following one document's paths.
pub(super) struct Walk<'p> {
    pub(super) package: &'p Package,
    pub(super) limits: &'p Limits,
    pub(super) deviations: &'p mut Vec<Deviation>,
    pub(super) reached: Vec<Reached>,
    roles: HashMap<String, Role>,
    /// Uses that must not run in circles: drawing parameters, composite objects, templates.
    pub(super) uses: BTreeMap<String, Vec<String>>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(package: &'p Package, limits: &'p Limits, deviations: &'p mut Vec<Deviation>) -> Self {
        let mut walk = Self {
            package,
            limits,
            deviations,
            reached: Vec::new(),
            roles: HashMap::new(),
            uses: BTreeMap::new(),
        };
        walk.enter(MAIN, Role::Main, "");
        walk
    }

    pub(super) fn note(&mut self, kind: Kind, entry: &str, detail: impl Into<String>) {
        // One more than the limit is enough for the caller to see that it was passed.
        if self.deviations.len() <= self.limits.max_deviations {
            self.deviations.push(Deviation::new(kind, entry, detail));
        }
    }

    /// Follows a path from `from`, whose base directory is `base`; gives the entry if this is its first visit.
    pub(super) fn follow(&mut self, base: &str, loc: &str, role: Role, from: &str) -> Option<String> {
        self.reach(base, loc, role, from)
            .filter(|(_, first)| *first)
            .map(|(path, _)| path)
    }

    /// Follows a path; gives the entry, and whether this is its first visit.
    pub(super) fn reach(&mut self, base: &str, loc: &str, role: Role, from: &str) -> Option<(String, bool)> {
        let resolution = self.package.resolve(base, loc);
        let entry = resolution.entry().map(str::to_owned);
        for mut deviation in resolution.deviations {
            from.clone_into(&mut deviation.entry);
            self.deviations.push(deviation);
        }
        match entry {
            Some(path) => {
                let first = self.enter(&path, role, from);
                Some((path, first))
            }
            None => {
                self.note(deviation::MISSING_FILE, from, resolution.path);
                None
            }
        }
    }

    fn enter(&mut self, path: &str, role: Role, from: &str) -> bool {
        match self.roles.get(path) {
            None => {
                self.roles.insert(path.to_owned(), role);
                self.reached.push(Reached {
                    path: path.to_owned(),
                    by: role,
                    from: from.to_owned(),
                });
                true
            }
            // What a version lists is the files of a document again: the list gives them no role of its own.
            Some(Role::VersionFile) if role != Role::VersionFile => {
                self.roles.insert(path.to_owned(), role);
                true
            }
            Some(earlier) if *earlier != role && role != Role::VersionFile && (earlier.parsed() || role.parsed()) => {
                let detail = format!("{path} serves as {earlier:?} and as {role:?}");
                self.note(deviation::ROLE_CONFLICT, from, detail);
                false
            }
            Some(_) => false,
        }
    }

    /// Parses an entry of the closure and checks its root; what cannot be read is noted.
    pub(super) fn parse(&mut self, path: &str, root: &str) -> Option<Document<'p>> {
        self.parse_to(usize::MAX, path, root)
    }

    /// The same, without keeping what lies deeper than `depth`.
    fn parse_to(&mut self, depth: usize, path: &str, root: &str) -> Option<Document<'p>> {
        let package = self.package;
        let bytes = package.entry(path)?;
        match xml::parse_to(depth, bytes, self.limits) {
            Err(fault) => {
                self.note(deviation::XML_UNREADABLE, path, fault.to_string());
                None
            }
            Ok((document, marked)) => {
                if marked {
                    self.note(deviation::XML_BOM, path, "");
                }
                if !xml::is(document.root_element(), root) {
                    self.note(deviation::XML_ROOT, path, format!("expected {root}"));
                    return None;
                }
                Some(document)
            }
        }
    }

    pub(super) fn scope<'s>(&'s mut self, entry: &'s str) -> Scope<'s> {
        Scope {
            entry,
            deviations: self.deviations,
        }
    }

    /// Follows everything that a document root names.
    pub(super) fn document(&mut self, path: &str) -> Result<Vec<PageRef>, PackageError> {
        let bytes = self.package.entry(path).unwrap_or_default();
        let (document, marked) = xml::parse(bytes, self.limits).map_err(|fault| PackageError::BadXml {
            entry: path.to_owned(),
            fault,
        })?;
        if marked {
            self.note(deviation::XML_BOM, path, "");
        }
        let root = document.root_element();
        if !xml::is(root, "Document") {
            return Err(PackageError::MissingElement {
                entry: path.to_owned(),
                element: "Document",
            });
        }
        let base = location::directory(path);
        let common = self.scope(path).one(root, "CommonData");
        let mut default_size = None;
        if let Some(common) = common {
            default_size = self.page_box(path, common, "PageArea");
            for name in ["PublicRes", "DocumentRes"] {
                for node in self.scope(path).all(common, name) {
                    let loc = self.scope(path).text(node);
                    self.resources(base, &loc, path);
                }
            }
            let templates = self.scope(path).all(common, "TemplatePage");
            self.page_list(path, &templates, Role::Template, None)?;
        } else {
            self.note(deviation::ELEMENT_MISSING, path, "CommonData");
        }
        let nodes = match self.scope(path).one(root, "Pages") {
            Some(pages) => self.scope(path).all(pages, "Page"),
            None => Vec::new(),
        };
        if nodes.is_empty() {
            self.note(deviation::ELEMENT_MISSING, path, "Pages");
        }
        let pages = self.page_list(path, &nodes, Role::Page, default_size)?;
        self.lists(path, root);
        Ok(pages)
    }

    fn page_list(
        &mut self,
        path: &str,
        nodes: &[Node<'_, '_>],
        role: Role,
        default_size: Option<[f64; 4]>,
    ) -> Result<Vec<PageRef>, PackageError> {
        if nodes.len() > self.limits.max_pages {
            let limit = self.limits.max_pages;
            return Err(PackageError::TooMany {
                entry: path.to_owned(),
                what: "pages or templates",
                limit,
            });
        }
        let base = location::directory(path);
        let mut ids = HashSet::new();
        let mut pages = Vec::with_capacity(nodes.len());
        for node in nodes {
            let id = node.attribute("ID").unwrap_or_default().to_owned();
            if !ids.insert(id.clone()) {
                self.note(deviation::DUPLICATE_ID, path, format!("{role:?} {id}"));
            }
            let loc = node.attribute("BaseLoc").unwrap_or_default();
            let mut page = PageRef {
                id,
                path: loc.to_owned(),
                size: default_size,
            };
            if let Some((entry, first)) = self.reach(base, loc, role, path) {
                if first && let Some(own) = self.page(&entry, role, &page.id) {
                    page.size = Some(own);
                }
                page.path = entry;
            }
            pages.push(page);
        }
        Ok(pages)
    }

    fn page(&mut self, path: &str, role: Role, id: &str) -> Option<[f64; 4]> {
        // A page is mostly drawing. What is read of it is at most a box: Page, Area, PhysicalBox, and what stands in that.
        let document = self.parse_to(4, path, "Page")?;
        let root = document.root_element();
        let base = location::directory(path);
        for node in self.scope(path).all(root, "PageRes") {
            let loc = self.scope(path).text(node);
            self.resources(base, &loc, path);
        }
        if role == Role::Template {
            let used = xml::children(root, "Template").filter_map(|t| t.attribute("TemplateID"));
            let used = used.map(|id| format!("template {id}")).collect();
            self.uses.insert(format!("template {id}"), used);
        }
        self.page_box(path, root, "Area")
    }

    fn page_box(&mut self, path: &str, node: Node<'_, '_>, area: &'static str) -> Option<[f64; 4]> {
        let area = self.scope(path).one(node, area)?;
        let text = self.scope(path).text_of(area, "PhysicalBox")?;
        let numbers = xml::numbers(&text);
        if numbers.is_none() {
            self.note(deviation::PAGE_BOX_UNREADABLE, path, text);
        }
        numbers
    }

    /// Follows the lists that a document root names besides its pages.
    fn lists(&mut self, path: &str, root: Node<'_, '_>) {
        let base = location::directory(path);
        let lists = [
            ("Annotations", Role::AnnotationList),
            ("CustomTags", Role::TagList),
            ("Attachments", Role::AttachmentList),
            ("Extensions", Role::ExtensionList),
        ];
        for (name, role) in lists {
            let Some(loc) = self.scope(path).text_of(root, name) else {
                continue;
            };
            let Some(list) = self.follow(base, &loc, role, path) else {
                continue;
            };
            let Some(document) = self.parse(&list, name) else {
                continue;
            };
            let root = document.root_element();
            match role {
                Role::AnnotationList => self.items(&list, root, "Page", &[("FileLoc", Role::Annotations)]),
                Role::TagList => {
                    let paths = [("SchemaLoc", Role::TagSchema), ("FileLoc", Role::Tags)];
                    self.items(&list, root, "CustomTag", &paths);
                }
                Role::AttachmentList => self.items(&list, root, "Attachment", &[("FileLoc", Role::Attachment)]),
                _ => self.items(&list, root, "Extension", &[("ExtendData", Role::Extension)]),
            }
        }
    }

    fn items(&mut self, list: &str, root: Node<'_, '_>, item: &'static str, paths: &[(&'static str, Role)]) {
        let base = location::directory(list);
        for node in self.scope(list).all(root, item) {
            for (name, role) in paths {
                for child in self.scope(list).all(node, name) {
                    let loc = self.scope(list).text(child);
                    let Some(entry) = self.follow(base, &loc, *role, list) else {
                        continue;
                    };
                    if *role == Role::Annotations {
                        self.annotations(&entry);
                    }
                }
            }
        }
    }

    fn annotations(&mut self, path: &str) {
        let Some(document) = self.parse(path, "PageAnnot") else {
            return;
        };
        let base = location::directory(path);
        for name in ["PageRes", "PublicRes", "DocumentRes"] {
            for node in document
                .root_element()
                .descendants()
                .filter(|node| xml::is(*node, name))
            {
                let loc = self.scope(path).text(node);
                self.resources(base, &loc, path);
            }
        }
    }
}
